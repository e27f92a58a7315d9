// Hooks of the runtime's namespaces, with programs of the host.
#include "runtime/hooks/hooks.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "runtime/hooks/child.h"

namespace nacre::hooks {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

oci::Hook shell(const std::string& script) { return {"/bin/sh", {"sh", "-c", script}, {}, {}}; }

class HooksTest : public testing::Test {
 protected:
  fs::path dir_ = fs::path(testing::TempDir()) / ("nacre-hooks-" + std::to_string(::getpid()));

  void SetUp() override {
    fs::remove_all(dir_);
    fs::create_directories(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }

  HookContext context(std::string state = "{}") {
    return {"createRuntime", std::move(state), dir_};
  }
  std::string content(const char* name) {
    std::ifstream in(dir_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string error_of(const std::vector<oci::Hook>& hooks) {
    const auto done = run_hooks(context(), hooks);
    return done ? "no error" : done.error().message();
  }
};

TEST_F(HooksTest, StateIsOnStandardInput) {
  const std::string state(300000, 's');  // more than a pipe holds
  ASSERT_TRUE(run_hooks(context(state), {shell("/bin/cat > seen")}));
  EXPECT_EQ(content("seen"), state);
}

TEST_F(HooksTest, AHookNeedNotReadTheState) {
  EXPECT_TRUE(run_hooks(context(std::string(1000000, 's')), {{"/bin/true", {"true"}, {}, {}}}));
}

TEST_F(HooksTest, RunInOrderInTheBundle) {
  ASSERT_TRUE(
      run_hooks(context(), {shell("echo one >> order"), shell("echo two >> order; pwd >> order")}));
  EXPECT_EQ(content("order"), "one\ntwo\n" + dir_.string() + "\n");
}

TEST_F(HooksTest, AVanishedDirectoryIsReplacedByTheRoot) {
  HookContext elsewhere = context();
  elsewhere.directory = dir_ / "gone";
  ASSERT_TRUE(run_hooks(elsewhere, {shell("pwd > " + (dir_ / "where").string())}));
  EXPECT_EQ(content("where"), "/\n");
}

TEST_F(HooksTest, ArgumentsAndEnvironmentAreExactlyThoseGiven) {
  ::setenv("NACRE_HOOKS_TEST", "leaked", 1);
  oci::Hook hook{
      "/bin/sh", {"strange name", "-c", "/usr/bin/env; echo \"$0|$1\"", "a b", "c"}, {"K=v w"}, {}};
  hook.args[2] = "{ /usr/bin/env; echo \"$0|$1\"; } > seen";
  ASSERT_TRUE(run_hooks(context(), {hook}));
  EXPECT_THAT(content("seen"), HasSubstr("K=v w\n"));
  EXPECT_THAT(content("seen"), HasSubstr("a b|c\n"));
  EXPECT_THAT(content("seen"), testing::Not(HasSubstr("NACRE_HOOKS_TEST")));
  EXPECT_THAT(content("seen"), testing::Not(HasSubstr("HOME=")));
}

TEST_F(HooksTest, NoDescriptorButThreeAndNoBlockedSignal) {
  const int leaked = ::open("/dev/null", O_RDONLY);  // without close-on-exec
  sigset_t blocked;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
  ASSERT_NE(::signal(SIGUSR2, SIG_IGN), SIG_ERR);
  ASSERT_TRUE(run_hooks(
      context(),
      {shell("ls /proc/self/fd > fds; grep -E 'SigBlk|SigIgn' /proc/self/status > signals")}));
  ASSERT_NE(::signal(SIGUSR2, SIG_DFL), SIG_ERR);
  ::sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
  ::close(leaked);
  EXPECT_EQ(content("fds"), "0\n1\n2\n3\n") << "3 is ls's own";
  EXPECT_EQ(content("signals"), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(HooksTest, FirstFailureStopsAndIsNumbered) {
  const std::string error =
      error_of({shell("true"), shell("echo out; echo err >&2; exit 3"), shell("touch third")});
  EXPECT_EQ(error, "error running createRuntime hook #1: exit status 3, stdout: out, stderr: err");
  EXPECT_FALSE(fs::exists(dir_ / "third"));
}

TEST_F(HooksTest, EndBySignal) {
  EXPECT_THAT(error_of({shell("kill -9 $$")}),
              HasSubstr("error running createRuntime hook #0: signal: SIGKILL"));
}

TEST_F(HooksTest, MissingAndUnusablePrograms) {
  EXPECT_EQ(error_of({{"/no/such", {}, {}, {}}}),
            "error running createRuntime hook #0: exec \"/no/such\": no such file or directory");
  std::ofstream(dir_ / "plain") << "#!/bin/sh\n";
  EXPECT_THAT(error_of({{(dir_ / "plain").string(), {}, {}, {}}}), HasSubstr("permission denied"));
  EXPECT_THAT(error_of({{dir_.string(), {}, {}, {}}}), HasSubstr("permission denied"));
}

TEST_F(HooksTest, TimeoutKillsTheHook) {
  oci::Hook hook = shell("echo $$ > pid; exec sleep 1000");
  hook.timeout = 1;
  EXPECT_EQ(error_of({hook}),
            "error running createRuntime hook #0: hook ran past specified timeout of 1.0s");
  const std::string pid = content("pid");
  ASSERT_FALSE(pid.empty());
  EXPECT_EQ(::kill(std::stoi(pid), 0), -1);
}

TEST_F(HooksTest, WhatStaysInTheBackgroundIsNotWaitedFor) {
  ASSERT_TRUE(run_hooks(context(), {shell("sleep 1000 & echo $! > pid; echo done")}));
  const std::string pid = content("pid");
  ASSERT_FALSE(pid.empty());
  EXPECT_EQ(::kill(std::stoi(pid), SIGKILL), 0);
}

TEST_F(HooksTest, ManyOutputsAreCutNotKept) {
  const std::string error = error_of({shell("head -c 3000000 /dev/zero | tr '\\0' x; exit 1")});
  EXPECT_THAT(error, HasSubstr("exit status 1, stdout: xxx"));
  EXPECT_LT(error.size(), 10000U);
}

TEST_F(HooksTest, OutputOfAChildIsCaptured) {
  ChildRequest request;
  request.path = "/bin/sh";
  request.args = {"sh", "-c", "head -c 200000 /dev/zero | tr '\\0' x; echo e >&2; exit 7"};
  request.directory = "/";
  request.output_limit = 1000000;
  const auto result = run_child(request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->output, std::string(200000, 'x'));
  EXPECT_EQ(result->errors, "e\n");
  EXPECT_EQ(result->exit_status, 7);
}

}  // namespace
}  // namespace nacre::hooks
