// The syntax of flags: what Go's flag package accepts, which callers of runc rely on.
#include "runtime/commandline/scan.h"

#include <gmock/gmock.h>

namespace nacre::commandline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr FlagSpec kFlags[] = {
    {.name = "force", .short_name = 'f', .help = "a boolean"},
    {.name = "bundle", .short_name = 'b', .value_name = "DIR", .help = "with a value"},
    {.name = "env", .short_name = 'e', .repeatable = true, .value_name = "NAME", .help = "many"},
    {.name = "no-subreaper", .help = "long only"},
};

using Words = std::vector<std::string_view>;

Result<Scanned> scan_words(const Words& words, Positionals mode = Positionals::kMixed) {
  return scan(words, kFlags, mode);
}

Arguments arguments_of(const Words& words, Positionals mode = Positionals::kMixed) {
  auto scanned = scan_words(words, mode);
  if (!scanned) {
    ADD_FAILURE() << scanned.error().message();
    return {};
  }
  return std::move(scanned->arguments);
}

std::string error_of(const Words& words) {
  const auto scanned = scan_words(words);
  return scanned ? "no error" : scanned.error().message();
}

TEST(ScanTest, EveryFormOfAValue) {
  for (const Words& words :
       {Words{"--bundle", "x", "id"}, Words{"--bundle=x", "id"}, Words{"-bundle", "x", "id"},
        Words{"-bundle=x", "id"}, Words{"-b", "x", "id"}, Words{"-b=x", "id"},
        Words{"--b", "x", "id"}}) {
    const Arguments arguments = arguments_of(words);
    EXPECT_TRUE(arguments.has("bundle"));
    EXPECT_EQ(arguments.value("bundle"), "x");
    EXPECT_THAT(arguments.positionals(), ElementsAre("id"));
  }
}

TEST(ScanTest, AbsentFlagHasAnEmptyValue) {
  const Arguments arguments = arguments_of({"id"});
  EXPECT_FALSE(arguments.has("bundle"));
  EXPECT_EQ(arguments.value("bundle"), "");
  EXPECT_THAT(arguments.values("env"), IsEmpty());
}

TEST(ScanTest, AnEmptyValueIsAValue) {
  const Arguments arguments = arguments_of({"--bundle=", "id"});
  EXPECT_TRUE(arguments.has("bundle"));
  EXPECT_EQ(arguments.value("bundle"), "");
  EXPECT_EQ(arguments_of({"--bundle", "", "id"}).value("bundle"), "");
}

TEST(ScanTest, AValueMayBeginWithADash) {
  EXPECT_EQ(arguments_of({"--bundle", "-", "id"}).value("bundle"), "-");
  EXPECT_EQ(arguments_of({"--bundle", "--force", "id"}).value("bundle"), "--force");
  EXPECT_EQ(arguments_of({"--bundle=a=b", "id"}).value("bundle"), "a=b");
}

TEST(ScanTest, TheLastValueWinsAndAllAreKept) {
  const Arguments arguments = arguments_of({"-e", "A=1", "--env", "B=2", "-e=C=3"});
  EXPECT_EQ(arguments.value("env"), "C=3");
  EXPECT_THAT(arguments.values("env"), ElementsAre("A=1", "B=2", "C=3"));
}

TEST(ScanTest, Booleans) {
  EXPECT_TRUE(arguments_of({"-f"}).has("force"));
  EXPECT_TRUE(arguments_of({"--force=true"}).has("force"));
  EXPECT_TRUE(arguments_of({"-force=1"}).has("force"));
  EXPECT_FALSE(arguments_of({"--force=false"}).has("force"));
  EXPECT_FALSE(arguments_of({"--force", "--force=0"}).has("force"));
  EXPECT_TRUE(arguments_of({"--force=f", "-f=T"}).has("force"));
  EXPECT_TRUE(arguments_of({"-no-subreaper"}).has("no-subreaper"));
}

TEST(ScanTest, ABooleanTakesNoFollowingWord) {
  EXPECT_THAT(arguments_of({"-f", "false"}).positionals(), ElementsAre("false"));
}

TEST(ScanTest, ErrorsNameTheFlag) {
  EXPECT_EQ(error_of({"--nope", "id"}), "flag provided but not defined: -nope");
  EXPECT_EQ(error_of({"-nope=3", "id"}), "flag provided but not defined: -nope");
  EXPECT_EQ(error_of({"-fb", "id"}), "flag provided but not defined: -fb");
  EXPECT_EQ(error_of({"--bundle"}), "flag needs an argument: -bundle");
  EXPECT_EQ(error_of({"id", "-b"}), "flag needs an argument: -b");
  EXPECT_EQ(error_of({"---force"}), "bad flag syntax: ---force");
  EXPECT_EQ(error_of({"--=x"}), "bad flag syntax: --=x");
  EXPECT_EQ(error_of({"-=x"}), "bad flag syntax: -=x");
  EXPECT_EQ(error_of({"--force=maybe"}), "invalid boolean value \"maybe\" for -force: parse error");
  EXPECT_EQ(error_of({"--force="}), "invalid boolean value \"\" for -force: parse error");
}

TEST(ScanTest, FlagsMayFollowPositionals) {
  const Arguments arguments = arguments_of({"id", "--force", "-b", "x"});
  EXPECT_TRUE(arguments.has("force"));
  EXPECT_THAT(arguments.positionals(), ElementsAre("id"));
}

TEST(ScanTest, DoubleDashEndsTheFlags) {
  const Arguments arguments = arguments_of({"-f", "--", "-b", "--", "id"});
  EXPECT_TRUE(arguments.has("force"));
  EXPECT_THAT(arguments.positionals(), ElementsAre("-b", "--", "id"));
}

TEST(ScanTest, ASingleDashAndNothingArePositionals) {
  EXPECT_THAT(arguments_of({"-", ""}).positionals(), ElementsAre("-", ""));
}

TEST(ScanTest, TheRestBelongsToSomebodyElse) {
  const Arguments arguments =
      arguments_of({"-f", "id", "sh", "-f=no", "--nope", "--", "-h"}, Positionals::kTakeTheRest);
  EXPECT_THAT(arguments.positionals(), ElementsAre("id", "sh", "-f=no", "--nope", "--", "-h"));
  EXPECT_FALSE(scan_words({"id", "-h"}, Positionals::kTakeTheRest)->help);
}

TEST(ScanTest, StopsInFrontOfTheCommand) {
  const auto scanned = scan_words({"-b", "x", "list", "--nope"}, Positionals::kStop);
  ASSERT_TRUE(scanned);
  EXPECT_EQ(scanned->next, 2U);
  EXPECT_THAT(scanned->arguments.positionals(), IsEmpty());
  EXPECT_EQ(scan_words({"--", "list"}, Positionals::kStop)->next, 1U);
  EXPECT_EQ(scan_words({}, Positionals::kStop)->next, 0U);
}

TEST(ScanTest, Help) {
  EXPECT_TRUE(scan_words({"-h"})->help);
  EXPECT_TRUE(scan_words({"id", "--help", "-f"})->help);
  EXPECT_FALSE(scan_words({"--help=false"})->help);
  EXPECT_FALSE(scan_words({"--", "--help"})->help);
}

}  // namespace
}  // namespace nacre::commandline
