// Command lines: docker's syntax, and what is said about the wrong ones.
#include <gmock/gmock.h>

#include "cli/commandline/help.h"
#include "cli/commandline/parse.h"
#include "cli/table.h"

namespace nacre::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::expected<Invocation, BadLine> parse(std::vector<std::string_view> words) {
  return parse_line(words, command_table());
}

TEST(ParseTest, NamesLeadToOneCommand) {
  for (const auto& words : std::vector<std::vector<std::string_view>>{
           {"image", "ls"}, {"image", "list"}, {"images"}, {"--debug", "images"}}) {
    const auto line = parse(words);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->command->names.front(), "image ls");
    EXPECT_EQ(line->request, Request::kRun);
  }
}

TEST(ParseTest, FlagsStandAnywhere) {
  const auto line = parse({"image", "save", "a", "-ofile", "b", "--platform=linux/arm64"});
  ASSERT_TRUE(line);
  EXPECT_THAT(line->arguments.positionals(), ElementsAre("a", "b"));
  EXPECT_EQ(line->arguments.value("output"), "file");
  EXPECT_EQ(line->arguments.value("platform"), "linux/arm64");
}

TEST(ParseTest, ShortFlagsBundle) {
  const auto line = parse({"images", "-aqf", "dangling=true", "-f=label=x"});
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->arguments.has("all"));
  EXPECT_TRUE(line->arguments.has("quiet"));
  EXPECT_THAT(line->arguments.values("filter"), ElementsAre("dangling=true", "label=x"));
}

TEST(ParseTest, TwoDashesEndTheFlags) {
  const auto line = parse({"rmi", "--", "-f"});
  ASSERT_TRUE(line);
  EXPECT_THAT(line->arguments.positionals(), ElementsAre("-f"));
  EXPECT_FALSE(line->arguments.has("force"));
}

TEST(ParseTest, ADashIsAnArgument) {
  const auto line = parse({"import", "-", "name"});
  ASSERT_TRUE(line);
  EXPECT_THAT(line->arguments.positionals(), ElementsAre("-", "name"));
}

TEST(ParseTest, FalseTakesAFlagBack) {
  const auto line = parse({"rmi", "-f", "--force=false", "x"});
  ASSERT_TRUE(line);
  EXPECT_FALSE(line->arguments.has("force"));
  EXPECT_TRUE(line->arguments.is_false("force"));
}

TEST(ParseTest, TheLastValueCounts) {
  const auto line = parse({"images", "--format", "a", "--format="});
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->arguments.has("format"));
  EXPECT_EQ(line->arguments.value("format"), "");
}

struct Bad {
  std::vector<std::string_view> words;
  int status;
  const char* message;
};

TEST(ParseTest, WrongLinesSayWhat) {
  const std::vector<Bad> cases = {
      {{"image", "ls", "--nope"}, 125, "unknown flag: --nope"},
      {{"images", "-z"}, 125, "unknown shorthand flag: 'z' in -z"},
      {{"images", "-qz"}, 125, "unknown shorthand flag: 'z' in -qz"},
      {{"images", "--format"}, 125, "flag needs an argument: --format"},
      {{"images", "-f"}, 125, "flag needs an argument: 'f' in -f"},
      {{"images", "--quiet=maybe"}, 125, "invalid argument \"maybe\" for \"--quiet\""},
      {{"save", "--format", "zip", "x"}, 125, "it is one of docker|oci-archive|oci-dir"},
      {{"images", "--=x"}, 125, "bad flag syntax: --=x"},
      {{"--nope", "images"}, 125, "unknown flag: --nope"},
      {{"pull"}, 1, "'nacre image pull' requires 1 argument"},
      {{"tag", "a"}, 1, "'nacre image tag' requires 2 arguments"},
      {{"rmi"}, 1, "'nacre image rm' requires at least 1 argument"},
      {{"images", "a", "b"}, 1, "'nacre image ls' requires at most 1 argument"},
      {{"version", "x"}, 1, "'nacre version' accepts no arguments"},
      {{"image", "nope"}, 1, "unknown command: nacre image nope"},
      {{"nope"}, 1, "unknown command: nacre nope"},
      {{"image", "images"}, 1, "unknown command: nacre image images"},
  };
  for (const Bad& one : cases) {
    const auto line = parse(one.words);
    ASSERT_FALSE(line) << one.message;
    EXPECT_EQ(line.error().status, one.status) << one.message;
    EXPECT_THAT(line.error().message, HasSubstr(one.message));
    EXPECT_THAT(usage_hint(line.error()), HasSubstr("--help"));
  }
}

TEST(ParseTest, HelpWinsOverWhatIsMissing) {
  const auto line = parse({"pull", "--help"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->request, Request::kHelp);
  EXPECT_THAT(help_page(*line, command_table()), HasSubstr("Usage:  nacre image pull [OPTIONS]"));
}

TEST(ParseTest, HelpIsEverywhere) {
  const auto page = [](std::vector<std::string_view> words) {
    const auto line = parse(std::move(words));
    return line ? help_page(*line, command_table()) : line.error().message;
  };
  EXPECT_EQ(page({"help", "image", "ls"}), page({"image", "ls", "--help"}));
  EXPECT_EQ(page({"help"}), page({}));
  EXPECT_THAT(page({"image"}), HasSubstr("Usage:  nacre image COMMAND"));
  EXPECT_THAT(page({}), HasSubstr("images"));
  EXPECT_EQ(parse({"--version"})->request, Request::kVersion);
}

TEST(ParseTest, HelpFitsEightyColumns) {
  for (const CommandSpec& command : command_table().commands) {
    Invocation asked;
    asked.command = &command;
    std::string page = help_page(asked, command_table());
    std::size_t start = 0;
    while (start < page.size()) {
      const std::size_t end = page.find('\n', start);
      const std::string line = page.substr(start, end - start);
      // Examples and a value's own words are not broken.
      if (!line.starts_with("    ")) {
        EXPECT_LE(line.size(), 80U) << line;
      }
      start = end + 1;
    }
  }
}

}  // namespace
}  // namespace nacre::cli
