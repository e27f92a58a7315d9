// The table of commands: whether it is sound, and whether what is committed was made from it.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <set>

#include "base/text.h"
#include "runtime/commandline/completions.h"
#include "runtime/commandline/help.h"
#include "runtime/commandline/manual.h"
#include "runtime/commands/commands.h"
#include "runtime/commands/version.h"

namespace nacre::commands {
namespace {

using commandline::CommandSpec;
using commandline::FlagSpec;
using testing::StartsWith;

std::string committed(const std::string& path) {
  std::ifstream in(std::string(NACRE_SOURCE_DIR "/") + path);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

constexpr const char* kRemake =
    "build nacre-runtime-docs and run it with the source directory as its argument";

TEST(TableTest, ManualIsWhatTheTableSays) {
  EXPECT_EQ(committed("docs/man/nacre-runtime.8"),
            commandline::manual_page("nacre-runtime", table()))
      << kRemake;
}

TEST(TableTest, CompletionsAreWhatTheTableSays) {
  EXPECT_EQ(committed("contrib/completions/nacre-runtime.bash"),
            commandline::bash_completion("nacre-runtime", table()))
      << kRemake;
  EXPECT_EQ(committed("contrib/completions/_nacre-runtime"),
            commandline::zsh_completion("nacre-runtime", table()))
      << kRemake;
  EXPECT_EQ(committed("contrib/completions/nacre-runtime.fish"),
            commandline::fish_completion("nacre-runtime", table()))
      << kRemake;
}

TEST(TableTest, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const CommandSpec& command : table()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_NE(command.run, nullptr) << command.name;
    std::set<std::string> flags = {"help", "h"};
    for (const FlagSpec& flag : command.flags) {
      EXPECT_TRUE(flags.emplace(flag.name).second) << command.name << " --" << flag.name;
      if (flag.short_name == '\0') continue;
      EXPECT_TRUE(flags.emplace(1, flag.short_name).second)
          << command.name << " -" << flag.short_name;
    }
  }
}

TEST(TableTest, EveryCommandOfTheContractIsThere) {
  std::set<std::string_view> names;
  for (const CommandSpec& command : table()) names.insert(command.name);
  EXPECT_THAT(names,
              testing::IsSupersetOf({"create", "start", "state", "kill", "delete", "run", "exec",
                                     "pause", "resume", "list", "ps", "spec", "features"}));
}

TEST(TableTest, OnlyExecFailsWith255) {
  for (const CommandSpec& command : table()) {
    EXPECT_EQ(command.failure_status, command.name == "exec" ? 255 : 1) << command.name;
  }
}

TEST(TableTest, WhatFollowsTheIdBelongsToOthersInThreeCommands) {
  for (const CommandSpec& command : table()) {
    const bool expected = command.name == "exec" || command.name == "kill" || command.name == "ps";
    EXPECT_EQ(command.stop_at_first_positional, expected) << command.name;
  }
}

TEST(TableTest, HelpFitsATerminal) {
  for (const CommandSpec& command : table()) {
    const std::string page = commandline::command_help("nacre-runtime", command);
    EXPECT_THAT(page, StartsWith(text::join("NAME:\n   nacre-runtime ", command.name, " - ")));
    for (const std::string_view line : text::split(page, '\n')) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(VersionTest, LinesThatCallersParse) {
  const std::string version_lines = version_text("nacre-runtime");
  const auto lines = text::split(version_lines, '\n');
  ASSERT_GE(lines.size(), 4U);
  EXPECT_THAT(lines[0], testing::MatchesRegex("nacre-runtime version [0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(lines[1], testing::MatchesRegex("commit: .+"));
  EXPECT_THAT(lines[2], testing::MatchesRegex("spec: [0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(lines[3], testing::MatchesRegex("libseccomp: [0-9]+\\.[0-9]+\\.[0-9]+"));
}

}  // namespace
}  // namespace nacre::commands
