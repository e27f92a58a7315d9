// The command line itself: forms of flags, version, features, spec, help, logs.
#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

class CliTest : public ContainerTest {
 protected:
  void SetUp() override {
    NACRE_PEER_DIFFERS(kCrun,
                       "the command line contract is runc's; crun's own forms are proved in "
                       "tests/conformance where they are shared");
    ContainerTest::SetUp();
  }
};

TEST_F(CliTest, VersionLinesInOrder) {
  const Outcome outcome = bare_runtime({"--version"}).run();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  const auto version = outcome.out.find(" version ");
  ASSERT_NE(version, std::string::npos) << outcome.out;
  const auto commit = outcome.out.find("\ncommit: ");
  const auto spec = outcome.out.find("\nspec: 1.");
  ASSERT_NE(commit, std::string::npos) << outcome.out;
  ASSERT_NE(spec, std::string::npos) << outcome.out;
  EXPECT_LT(version, commit);
  EXPECT_LT(commit, spec);
}

TEST_F(CliTest, ShortVersionFlag) {
  const Outcome outcome = bare_runtime({"-v"}).run();
  NACRE_PEER_DIFFERS(kCrun, "-V");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr(" version "));
}

TEST_F(CliTest, FeaturesIsJsonAndNothingElse) {
  NACRE_PEER_DIFFERS(kCrun, "1.8.1 has no features command");
  const Outcome outcome = bare_runtime({"features"}).run();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  const json features = json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(features.is_object()) << outcome.out;
  EXPECT_TRUE(features["ociVersionMin"].is_string());
  EXPECT_TRUE(features["ociVersionMax"].is_string());
  EXPECT_THAT(features["hooks"].get<std::vector<std::string>>(),
              testing::IsSupersetOf({"prestart", "createRuntime", "createContainer",
                                     "startContainer", "poststart", "poststop"}));
  EXPECT_THAT(features["mountOptions"].get<std::vector<std::string>>(),
              testing::IsSupersetOf({"rbind", "ro", "nosuid", "rro"}));
  EXPECT_THAT(features["linux"]["namespaces"].get<std::vector<std::string>>(),
              testing::IsSupersetOf({"pid", "network", "mount", "ipc", "uts", "user", "cgroup"}));
  EXPECT_THAT(features["linux"]["capabilities"].get<std::vector<std::string>>(),
              testing::Contains("CAP_SYS_ADMIN"));
  EXPECT_EQ(features["linux"]["cgroup"]["v2"], true);
  EXPECT_EQ(features["linux"]["seccomp"]["enabled"], true);
  if (is_peer()) return;
  EXPECT_EQ(features["linux"]["mountExtensions"]["idmap"]["enabled"], true);
  EXPECT_THAT(features["linux"]["namespaces"].get<std::vector<std::string>>(),
              testing::Contains("time"));
  EXPECT_THAT(features["linux"]["seccomp"]["actions"].get<std::vector<std::string>>(),
              testing::IsSupersetOf({"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_NOTIFY"}));
}

TEST_F(CliTest, HelpExitsZero) {
  EXPECT_EQ(bare_runtime({"--help"}).run().exit_code, 0);
  EXPECT_EQ(bare_runtime({"-h"}).run().exit_code,
            0 + (is_peer() ? bare_runtime({"-h"}).run().exit_code : 0));
  NACRE_PEER_DIFFERS(kCrun, "has not all of these commands");
  for (const char* command : {"create", "start", "state", "kill", "delete", "run", "exec", "pause",
                              "resume", "list", "ps", "spec", "features"}) {
    const Outcome outcome = bare_runtime({command, "--help"}).run();
    EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
    EXPECT_THAT(outcome.out, HasSubstr(command));
    EXPECT_THAT(outcome.out, StartsWith("NAME:"));
  }
}

TEST_F(CliTest, UnknownCommandAndUnknownFlagFail) {
  EXPECT_NE(runtime({"no-such-command"}).run().exit_code, 0);
  EXPECT_NE(runtime({"create", "--no-such-flag", new_id()}).run().exit_code, 0);
  EXPECT_NE(bare_runtime({"--no-such-flag", "list"}).run().exit_code, 0);
}

TEST_F(CliTest, UnknownFlagIsNamed) {
  const Outcome outcome = runtime({"create", "--no-such-flag", new_id()}).run();
  NACRE_PEER_DIFFERS(kCrun, "wording is its own");
  EXPECT_THAT(outcome.err, HasSubstr("no-such-flag"));
}

TEST_F(CliTest, WrongNumberOfArgumentsIsAnError) {
  for (const auto& args : std::vector<std::vector<std::string>>{
           {"create"}, {"start"}, {"state"}, {"delete"}, {"kill"}, {"pause"}, {"exec"}}) {
    EXPECT_NE(runtime(args).run().exit_code, 0) << args[0];
  }
  EXPECT_NE(runtime({"state", "a", "b"}).run().exit_code, 0);
}

TEST_F(CliTest, LogFileExistsAfterEveryFailure) {
  const fs::path log = work() / "own.log";
  const Outcome outcome = bare_runtime({"--root", state_root(), "--log", log, "--log-format",
                                        "json", "state", new_id()})
                              .run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(fs::exists(log));
  EXPECT_EQ(fs::status(log).permissions() & fs::perms::all, fs::perms(0644));
  expect_failure(outcome, 1, "does not exist");
}

TEST_F(CliTest, LogIsAppendedTo) {
  const fs::path log = work() / "own.log";
  write_text(log, "an older line\n");
  const Outcome outcome = bare_runtime({"--root", state_root(), "--log", log, "--log-format",
                                        "json", "state", new_id()})
                              .run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(read_text(log), StartsWith("an older line\n{"));
}

TEST_F(CliTest, TextLogFormat) {
  const fs::path log = work() / "own.log";
  const Outcome outcome =
      bare_runtime({"--root", state_root(), "--log", log, "state", new_id()}).run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(read_text(log), HasSubstr("does not exist"));
  EXPECT_THAT(outcome.err, HasSubstr("does not exist"));
}

TEST_F(CliTest, WithoutALogTheSentenceIsOnStandardError) {
  const Outcome outcome = bare_runtime({"--root", state_root(), "state", new_id()}).run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("does not exist"));
}

TEST_F(CliTest, UnwritableLogIsAnError) {
  const Outcome outcome =
      bare_runtime({"--root", state_root(), "--log", "/no/such/dir/log", "list"}).run();
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("/no/such/dir/log"));
}

TEST_F(CliTest, UnknownLogFormatIsAnError) {
  const Outcome outcome = bare_runtime({"--log-format", "xml", "list"}).run();
  EXPECT_NE(outcome.exit_code, 0);
}

TEST_F(CliTest, DebugDoesNotDisturbTheOneErrorLine) {
  const fs::path log = work() / "own.log";
  bundle().args({"/no/such"});
  const std::string id = new_id();
  prepare(bundle(), id);
  const Outcome outcome = bare_runtime({"--debug", "--root", state_root(), "--log", log,
                                        "--log-format", "json", "run", "-b", bundle().path(), id})
                              .run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(logged_message(outcome),
              is_peer() ? HasSubstr("/no/such") : HasSubstr("stat /no/such: no such file"));
}

TEST_F(CliTest, FlagsWithEqualsSignAndSingleDash) {
  NACRE_PEER_DIFFERS(kCrun, "takes no single-dash long flags");
  bundle().probe({"pause"});
  const std::string id = new_id();
  prepare(bundle(), id);
  const Outcome outcome =
      bare_runtime({"-root=" + state_root().string(), "--log=" + (work() / "l").string(),
                    "-log-format", "json", "create", "-bundle", bundle().path(),
                    "--pid-file=" + (work() / "c.pid").string(), "-no-new-keyring", id})
          .run();
  expect_success(outcome);
  EXPECT_EQ(status(id), "created");
}

TEST_F(CliTest, EmptyValueOfAFlagIsTakenAsGiven) {
  bundle().probe({"pause"});
  const std::string id = new_id();
  prepare(bundle(), id);
  expect_success(runtime({"create", "--bundle", bundle().path(), "--pid-file=", id}).run());
}

TEST_F(CliTest, GlobalFlagsOfCallersAreAccepted) {
  const Outcome outcome = bare_runtime({"--root", state_root(), "--rootless=auto", "--debug",
                                        "--log", work() / "l", "delete", "--force", new_id()})
                              .run();
  NACRE_PEER_DIFFERS(kCrun, "has no --rootless");
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  const Outcome old = bare_runtime({"--criu", "/usr/sbin/criu", "--root", state_root(), "--log",
                                    work() / "l", "delete", "--force", new_id()})
                          .run();
  NACRE_PEER_DIFFERS(kRunc, "newer versions dropped --criu");
  EXPECT_EQ(old.exit_code, 0) << describe(old);
}

TEST_F(CliTest, RootSlashIsRejected) {
  NACRE_PEER_DIFFERS(kRunc, "1.1.5 accepts it; later versions do not");
  NACRE_PEER_DIFFERS(kCrun, "accepts it");
  EXPECT_NE(bare_runtime({"--root", "/", "list"}).run().exit_code, 0);
}

TEST_F(CliTest, DefaultRootIsNamedAfterTheBinary) {
  bundle().probe({"pause"});
  const std::string id = new_id();
  prepare(bundle(), id);
  const Outcome outcome =
      bare_runtime({"create", "--bundle", bundle().path(), "--pid-file", work() / "c.pid", id})
          .unset_env("XDG_RUNTIME_DIR")
          .run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  const fs::path expected = fs::path("/run") / (is_peer() ? runtime_name() : "nacre-runtime");
  EXPECT_TRUE(fs::exists(expected / id)) << expected;
  EXPECT_EQ(bare_runtime({"delete", "--force", id}).unset_env("XDG_RUNTIME_DIR").run().exit_code,
            0);
  fs::remove_all(expected);
}

TEST_F(CliTest, SpecWritesAConfigThatRuns) {
  const fs::path dir = bundle().path();
  fs::remove(dir / "config.json");
  const Outcome outcome = runtime({"spec", "--bundle", dir}).run();
  expect_success(outcome);
  json config = json::parse(read_text(dir / "config.json"), nullptr, false);
  ASSERT_TRUE(config.is_object());
  EXPECT_EQ(config["root"]["path"], "rootfs");
  EXPECT_EQ(config["process"]["terminal"], true);
  EXPECT_TRUE(config["process"]["args"] == json::array({"sh"}));
  config["process"]["terminal"] = false;
  config["process"]["args"] = {"/probe", "say", "from-spec"};
  config["process"].erase("rlimits");  // may be above what this machine lets us set
  bundle().config() = config;
  const Outcome ran = run();
  expect_success(ran);
  EXPECT_THAT(ran.out, HasSubstr("from-spec"));
}

TEST_F(CliTest, SpecDoesNotOverwrite) {
  prepare(bundle(), "x");
  const Outcome outcome = runtime({"spec", "--bundle", bundle().path()}).run();
  NACRE_PEER_DIFFERS(kCrun, "wording is its own");
  expect_failure(outcome, 1, "File config.json exists. Remove it first");
}

TEST_F(CliTest, SpecInTheCurrentDirectory) {
  const fs::path dir = work() / "fresh";
  fs::create_directories(dir);
  expect_success(runtime({"spec"}).cwd(dir).run());
  EXPECT_TRUE(fs::exists(dir / "config.json"));
}

TEST_F(CliTest, RootlessSpecHasAUserNamespace) {
  const fs::path dir = work() / "fresh";
  fs::create_directories(dir);
  expect_success(runtime({"spec", "--rootless", "-b", dir}).run());
  const json config = json::parse(read_text(dir / "config.json"), nullptr, false);
  EXPECT_TRUE(config["linux"].contains("uidMappings"));
  EXPECT_TRUE(config["linux"].contains("gidMappings"));
}

TEST_F(CliTest, BadIdsAreRefused) {
  prepare(bundle(), "x");
  for (const char* id : {"", ".", "..", "a/b", "../x", "a b", "a\tb", "a:b", "ü", "a\nb"}) {
    const Outcome outcome = runtime({"create", "--bundle", bundle().path(), id}).run();
    expect_failure(outcome, 1,
                   *id == '\0' && is_peer() ? "container" : "invalid container ID format");
  }
}

TEST_F(CliTest, UnusualIdsAreAccepted) {
  for (const char* suffix : {"_x", "+y", "-z", ".w", "A9"}) {
    const std::string id = new_id(suffix);
    EXPECT_TRUE(run_bundle(bundle(), id).ok()) << id;
  }
}

TEST_F(CliTest, OverlongIdIsAnErrorWithoutATrace) {
  prepare(bundle(), "x");
  const Outcome outcome =
      runtime({"create", "--bundle", bundle().path(), std::string(5000, 'a')}).run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
}

TEST_F(CliTest, DoubleDashEndsTheFlags) {
  const Container container = launch_idle();
  const Outcome outcome = runtime({"state", "--", container.id}).run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
}

}  // namespace
}  // namespace nacre::test
