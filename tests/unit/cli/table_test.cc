// The table of commands: whether it is sound, and whether what is committed was made from it.
#include "cli/table.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <set>

#include "cli/commandline/completions.h"
#include "cli/commandline/manual.h"

namespace nacre::cli {
namespace {

std::string committed(const std::string& path) {
  std::ifstream in(std::string(NACRE_SOURCE_DIR "/") + path);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

constexpr const char* kRemake = "build nacre-docs and run it with the source directory";

TEST(TableTest, ManualIsWhatTheTableSays) {
  EXPECT_EQ(committed("docs/man/nacre.1"), manual_page(command_table())) << kRemake;
}

TEST(TableTest, CompletionsAreWhatTheTableSays) {
  EXPECT_EQ(committed("contrib/completions/nacre.bash"), bash_completion(command_table()))
      << kRemake;
  EXPECT_EQ(committed("contrib/completions/_nacre"), zsh_completion(command_table())) << kRemake;
  EXPECT_EQ(committed("contrib/completions/nacre.fish"), fish_completion(command_table()))
      << kRemake;
}

TEST(TableTest, NamesAreUnique) {
  std::set<std::string_view> names;
  std::set<std::string> global = {"help", "h"};
  for (const FlagSpec& flag : global_flags()) global.emplace(flag.name);
  for (const CommandSpec& command : command_table().commands) {
    for (const std::string_view name : command.names)
      EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_NE(command.run, nullptr) << command.names.front();
    EXPECT_FALSE(command.summary.ends_with('.')) << command.summary;
    std::set<std::string> flags = global;
    for (const FlagSpec& flag : command.flags) {
      EXPECT_TRUE(flags.emplace(flag.name).second) << command.names.front() << " --" << flag.name;
      if (flag.short_name == '\0') continue;
      EXPECT_TRUE(flags.emplace(1, flag.short_name).second)
          << command.names.front() << " -" << flag.short_name;
    }
  }
}

TEST(TableTest, EveryCommandThatWasPromisedIsThere) {
  std::set<std::string_view> names;
  for (const CommandSpec& command : command_table().commands)
    names.insert(command.names.begin(), command.names.end());
  EXPECT_THAT(names,
              testing::IsSupersetOf({"image ls",    "image pull",    "image push",    "image tag",
                                     "image rm",    "image inspect", "image history", "image save",
                                     "image load",  "image import",  "image export",  "image check",
                                     "image prune", "images",        "pull",          "push",
                                     "rmi",         "save",          "load",          "import",
                                     "tag",         "version"}));
}

}  // namespace
}  // namespace nacre::cli
