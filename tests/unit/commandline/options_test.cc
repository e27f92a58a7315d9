// What the global flags mean, given the process that was started with them.
#include "runtime/commandline/options.h"

#include <gmock/gmock.h>

#include "runtime/commandline/parse.h"

namespace nacre::commandline {
namespace {

using Words = std::vector<std::string_view>;

Environment root_user() {
  return {.program_name = "nacre-runtime",
          .working_directory = "/work/dir",
          .xdg_runtime_dir = "/run/user/0",
          .real_root = true};
}
Environment plain_user() {
  return {.program_name = "nacre-runtime",
          .working_directory = "/home/u",
          .xdg_runtime_dir = "/run/user/1000",
          .real_root = false};
}

Result<GlobalOptions> options_of(const Words& words, const Environment& environment = root_user()) {
  const SplitLine line = NACRE_TRY(split_global(words));
  return make_options(line.global, environment);
}

std::string error_of(const Words& words) {
  const auto options = options_of(words);
  return options ? "no error" : options.error().message();
}

TEST(OptionsTest, Defaults) {
  const auto options = options_of({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->root, "/run/nacre-runtime");
  EXPECT_FALSE(options->root_given);
  EXPECT_EQ(options->root_mode, 0700U);
  EXPECT_EQ(options->log_path, "");
  EXPECT_EQ(options->log_format, log::Format::kText);
  EXPECT_EQ(options->log_level, log::Level::kError);
  EXPECT_FALSE(options->debug);
  EXPECT_EQ(options->cgroup_manager, "cgroupfs");
  EXPECT_EQ(options->rootless, Rootless::kAuto);
}

TEST(OptionsTest, DefaultRootHasTheProgramsName) {
  Environment environment = root_user();
  environment.program_name = "runc";
  EXPECT_EQ(default_root(environment), "/run/runc");
}

TEST(OptionsTest, XdgRuntimeDirIsForUsersWithoutRoot) {
  EXPECT_EQ(default_root(root_user()), "/run/nacre-runtime");
  EXPECT_EQ(default_root(plain_user()), "/run/user/1000/nacre-runtime");
  EXPECT_EQ(options_of({}, plain_user())->root_mode, 01700U);
  EXPECT_EQ(options_of({"--root", "/x"}, plain_user())->root_mode, 0700U);
}

TEST(OptionsTest, AnEmptyXdgRuntimeDirCountsAsUnset) {
  Environment environment = plain_user();
  environment.xdg_runtime_dir = "";
  EXPECT_EQ(default_root(environment), "/run/nacre-runtime");
}

TEST(OptionsTest, RootIsMadeAbsolute) {
  EXPECT_EQ(options_of({"--root", "state"})->root, "/work/dir/state");
  EXPECT_EQ(options_of({"--root", "./a//b/../c/"})->root, "/work/dir/a/c");
  EXPECT_EQ(options_of({"--root=/x/y/"})->root, "/x/y");
  EXPECT_TRUE(options_of({"--root=/x"})->root_given);
}

TEST(OptionsTest, RootSlashIsRefusedInEveryForm) {
  for (const std::string_view root : {"/", "//", "/.", "/..", "/a/..", "../..", "../../.."}) {
    const auto options = options_of({"--root", root});
    EXPECT_FALSE(options) << root;
  }
  Environment at_root = root_user();
  at_root.working_directory = "/";
  EXPECT_FALSE(options_of({"--root", ""}, at_root));
  EXPECT_FALSE(options_of({"--root", "."}, at_root));
}

TEST(OptionsTest, Log) {
  const auto options =
      options_of({"--log", "/l", "--log-format", "json", "--log-level", "warning"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->log_path, "/l");
  EXPECT_EQ(options->log_format, log::Format::kJson);
  EXPECT_EQ(options->log_level, log::Level::kWarning);
  EXPECT_EQ(options_of({"--log-format="})->log_format, log::Format::kText);
  EXPECT_EQ(error_of({"--log-format", "xml"}), "invalid log-format: xml");
  EXPECT_EQ(error_of({"--log-level", "loud"}),
            "invalid value \"loud\" for --log-level: error, warning or debug");
}

TEST(OptionsTest, DebugInBothForms) {
  EXPECT_TRUE(options_of({"--debug"})->debug);
  EXPECT_TRUE(options_of({"--log-level=debug"})->debug);
  EXPECT_TRUE(options_of({"--debug", "--log-level=error"})->debug);
  EXPECT_FALSE(options_of({"--debug=false"})->debug);
}

TEST(OptionsTest, CgroupManager) {
  EXPECT_EQ(options_of({"--systemd-cgroup"})->cgroup_manager, "systemd");
  EXPECT_TRUE(options_of({"--systemd-cgroup"})->systemd_cgroup);
  EXPECT_EQ(options_of({"--cgroup-manager", "disabled"})->cgroup_manager, "disabled");
  EXPECT_EQ(options_of({"--systemd-cgroup=false"})->cgroup_manager, "cgroupfs");
  EXPECT_FALSE(options_of({"--cgroup-manager", "v1"}));
}

TEST(OptionsTest, SystemdCgroupIsSetByTheManagerToo) {
  EXPECT_TRUE(options_of({"--cgroup-manager=systemd"})->systemd_cgroup);
}

TEST(OptionsTest, Rootless) {
  EXPECT_EQ(options_of({"--rootless=true"})->rootless, Rootless::kTrue);
  EXPECT_EQ(options_of({"--rootless", "false"})->rootless, Rootless::kFalse);
  EXPECT_EQ(options_of({"--rootless=auto"})->rootless, Rootless::kAuto);
  EXPECT_FALSE(options_of({"--rootless=perhaps"}));
}

TEST(OptionsTest, CriuIsAcceptedAndIgnored) {
  EXPECT_EQ(error_of({"--criu", "/x/criu"}), "no error");
}

TEST(OptionsTest, AbsolutePath) {
  EXPECT_EQ(absolute_path("a", "/w"), "/w/a");
  EXPECT_EQ(absolute_path("/a", "/w"), "/a");
  EXPECT_EQ(absolute_path("", "/w"), "/w");
  EXPECT_EQ(absolute_path("../x", "/w/v"), "/w/x");
  EXPECT_EQ(absolute_path("../../../x", "/w"), "/x");
  EXPECT_EQ(absolute_path("/", "/w"), "/");
}

}  // namespace
}  // namespace nacre::commandline
