// Help pages: their sections and their width.
#include "runtime/commandline/help.h"

#include <gmock/gmock.h>

#include "base/prose.h"
#include "base/text.h"

namespace nacre::commandline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using text::paragraphs;
using text::wrap;

constexpr FlagSpec kFlags[] = {
    {.name = "bundle", .short_name = 'b', .value_name = "DIR", .help = "where the bundle is"},
    {.name = "a-flag-with-a-very-long-name-of-its-own",
     .value_name = "VALUE",
     .help = "and a help text that is so long that it has to be broken into several lines to fit"},
};
const CommandSpec kCommand{
    .name = "create",
    .summary = "create a container",
    .synopsis = "[command options] <container-id>",
    .description = "One paragraph.\n\n   an example, kept\n   as it is\n\nThe end.",
    .flags = kFlags};

void expect_at_most_80_columns(std::string_view page) {
  for (const std::string_view line : text::split(page, '\n')) EXPECT_LE(line.size(), 80U) << line;
}

TEST(HelpTest, SectionsOfACommand) {
  const std::string page = command_help("nacre-runtime", kCommand);
  EXPECT_THAT(page, StartsWith("NAME:\n   nacre-runtime create - create a container\n\nUSAGE:\n"
                               "   nacre-runtime create [command options] <container-id>\n"));
  EXPECT_THAT(page, HasSubstr("\nDESCRIPTION:\n   One paragraph.\n\n   an example, kept\n"
                              "   as it is\n\n   The end.\n\nOPTIONS:\n   --bundle DIR, -b DIR"));
  EXPECT_THAT(page, HasSubstr("--help, -h"));
  expect_at_most_80_columns(page);
}

TEST(HelpTest, ProgramHelpListsCommandsAndGlobalFlags) {
  const std::string page = program_help("nacre-runtime", "1.2.3", {&kCommand, 1});
  EXPECT_THAT(page, StartsWith("NAME:\n   nacre-runtime - Open Container Initiative runtime\n"));
  EXPECT_THAT(page, HasSubstr("\nVERSION:\n   1.2.3\n"));
  EXPECT_THAT(page, HasSubstr("\n   create   create a container\n"));
  for (const FlagSpec& flag : global_flags()) {
    EXPECT_THAT(page, HasSubstr(text::join("\n   --", flag.name)));
  }
  expect_at_most_80_columns(page);
}

TEST(HelpTest, Wrap) {
  EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("one  two\nthree", 80), ElementsAre("one two three"));
  EXPECT_THAT(wrap("a-word-too-long b", 4), ElementsAre("a-word-too-long", "b"));
  EXPECT_THAT(wrap("", 10), testing::IsEmpty());
}

TEST(HelpTest, Paragraphs) {
  EXPECT_THAT(paragraphs("a\nb\n\nc"), ElementsAre("a\nb", "c"));
  EXPECT_THAT(paragraphs(""), testing::IsEmpty());
}

}  // namespace
}  // namespace nacre::commandline
