// Which command is meant, and how many arguments it takes.
#include "runtime/commandline/parse.h"

#include <gmock/gmock.h>

namespace nacre::commandline {
namespace {

using testing::ElementsAre;

Result<int> run_nothing(const GlobalOptions&, const Arguments&) { return 0; }

constexpr FlagSpec kForce[] = {{.name = "force", .short_name = 'f', .help = "force it"}};

const CommandSpec kTable[] = {
    {.name = "delete",
     .summary = "s",
     .synopsis = "<container-id>",
     .flags = kForce,
     .min_positionals = 1,
     .max_positionals = 1,
     .run = run_nothing},
    {.name = "kill",
     .summary = "s",
     .synopsis = "<container-id> [signal]",
     .min_positionals = 1,
     .max_positionals = 2,
     .stop_at_first_positional = true,
     .run = run_nothing},
    {.name = "list", .summary = "s", .synopsis = "", .max_positionals = 0, .run = run_nothing},
    {.name = "exec",
     .summary = "s",
     .synopsis = "<container-id>",
     .min_positionals = 1,
     .stop_at_first_positional = true,
     .run = run_nothing},
};

using Words = std::vector<std::string_view>;

Result<Invocation> parse(const Words& words) {
  const SplitLine line = NACRE_TRY(split_global(words));
  return choose_command(line, kTable, "nacre-runtime");
}

std::string error_of(const Words& words) {
  const auto invocation = parse(words);
  return invocation ? "no error" : invocation.error().message();
}

TEST(ParseTest, GlobalFlagsThenCommandThenItsFlags) {
  const Words words = {"--root", "/r", "-debug", "delete", "-f", "c1"};
  const auto line = split_global(words);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->global.value("root"), "/r");
  EXPECT_TRUE(line->global.has("debug"));
  EXPECT_THAT(line->rest, ElementsAre("delete", "-f", "c1"));
  const auto invocation = parse(words);
  ASSERT_TRUE(invocation);
  EXPECT_EQ(invocation->request, Request::kRun);
  EXPECT_EQ(invocation->command->name, "delete");
  EXPECT_TRUE(invocation->arguments.has("force"));
  EXPECT_THAT(invocation->arguments.positionals(), ElementsAre("c1"));
}

TEST(ParseTest, AGlobalFlagBehindTheCommandIsUnknown) {
  EXPECT_EQ(error_of({"delete", "--root", "/r", "c1"}), "flag provided but not defined: -root");
}

TEST(ParseTest, HelpInAllItsForms) {
  EXPECT_EQ(parse({})->request, Request::kProgramHelp);
  EXPECT_EQ(parse({"help"})->request, Request::kProgramHelp);
  EXPECT_EQ(parse({"h"})->request, Request::kProgramHelp);
  EXPECT_EQ(parse({"--help", "delete"})->request, Request::kProgramHelp);
  EXPECT_EQ(parse({"-h"})->request, Request::kProgramHelp);
  for (const Words& words : {Words{"help", "delete"}, Words{"delete", "--help"},
                             Words{"delete", "-h"}, Words{"delete", "c1", "-h"}}) {
    const auto invocation = parse(words);
    ASSERT_TRUE(invocation);
    EXPECT_EQ(invocation->request, Request::kCommandHelp);
    EXPECT_EQ(invocation->command->name, "delete");
  }
}

TEST(ParseTest, HelpOfACommandNeedsNoArguments) {
  EXPECT_EQ(parse({"kill", "--help"})->request, Request::kCommandHelp);
}

TEST(ParseTest, Version) {
  EXPECT_TRUE(split_global(Words{"--version"})->version);
  EXPECT_TRUE(split_global(Words{"-v"})->version);
  EXPECT_FALSE(split_global(Words{"list", "-v"})->version);
}

TEST(ParseTest, UnknownCommand) {
  EXPECT_EQ(error_of({"foo"}), "No help topic for 'foo'");
  EXPECT_EQ(error_of({"foo", "-h"}), "No help topic for 'foo'");
  EXPECT_EQ(error_of({"help", "foo"}), "No help topic for 'foo'");
  EXPECT_EQ(error_of({""}), "No help topic for ''");
}

TEST(ParseTest, NumberOfPositionals) {
  EXPECT_EQ(error_of({"delete"}), "nacre-runtime: \"delete\" requires exactly 1 argument(s)");
  EXPECT_EQ(error_of({"delete", "a", "b"}),
            "nacre-runtime: \"delete\" requires exactly 1 argument(s)");
  EXPECT_EQ(error_of({"list", "a"}), "nacre-runtime: \"list\" requires exactly 0 argument(s)");
  EXPECT_EQ(error_of({"kill"}), "nacre-runtime: \"kill\" requires a minimum of 1 argument(s)");
  EXPECT_EQ(error_of({"kill", "a", "b", "c"}),
            "nacre-runtime: \"kill\" requires a maximum of 2 argument(s)");
  EXPECT_EQ(error_of({"exec", "a", "b", "c", "d"}), "no error");
}

TEST(ParseTest, NumberFlag) {
  Arguments arguments;
  EXPECT_EQ(number_flag(arguments, "preserve-fds"), 0U);
  arguments.set("preserve-fds", "3");
  EXPECT_EQ(number_flag(arguments, "preserve-fds"), 3U);
  for (const char* wrong : {"", "-1", "x", "1x", " 1", "4294967296"}) {
    arguments.set("preserve-fds", wrong);
    EXPECT_FALSE(number_flag(arguments, "preserve-fds")) << wrong;
  }
}

}  // namespace
}  // namespace nacre::commandline
