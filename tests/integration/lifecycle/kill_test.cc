// kill: names, numbers, --all, and the texts that containerd and CRI-O compare.
#include <signal.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

using testing::HasSubstr;

class KillTest : public ContainerTest {
 protected:
  // The signal number that arrives when `kill ID word` is called; "" for no word.
  int arrives(const std::string& word) {
    const Container container = launch({"wait-signal"});
    container.out->until("ready");
    std::vector<std::string> args = {"kill", container.id};
    if (!word.empty()) args.push_back(word);
    expect_success(runtime(args).run());
    const Report report = Report::parse(container.out->rest());
    reap(container.pid);
    return report["wait-signal"].value("signal", -1);
  }
};

TEST_F(KillTest, DefaultIsTerm) { EXPECT_EQ(arrives(""), SIGTERM); }
TEST_F(KillTest, ByName) { EXPECT_EQ(arrives("HUP"), SIGHUP); }
TEST_F(KillTest, ByNameWithPrefix) { EXPECT_EQ(arrives("SIGUSR1"), SIGUSR1); }
TEST_F(KillTest, ByNumber) { EXPECT_EQ(arrives("12"), SIGUSR2); }
TEST_F(KillTest, RealTimeByNumber) { EXPECT_EQ(arrives("37"), 37); }

TEST_F(KillTest, ByLowerCaseName) {
  NACRE_PEER_DIFFERS(kCrun, "knows upper-case names only");
  EXPECT_EQ(arrives("sigint"), SIGINT);
}

TEST_F(KillTest, RealTimeByName) {
  NACRE_PEER_DIFFERS(kRunc, "knows no SIGRTMIN+n");
  EXPECT_EQ(arrives("SIGRTMIN+3"), SIGRTMIN + 3);
}

TEST_F(KillTest, UnknownSignal) {
  const Container container = launch_idle();
  for (const char* word : {"NOSUCH", "SIGNOSUCH", "9x", "0x9", "99", "-1"}) {
    const std::string_view wrong = word;
    if (is_peer() && (wrong == "99" || wrong == "-1")) continue;  // they ask the kernel
    expect_failure(runtime({"kill", container.id, word}).run(), 1, "unknown signal");
  }
  EXPECT_EQ(status(container.id), "running");
}

TEST_F(KillTest, MissingContainer) {
  expect_failure(runtime({"kill", new_id(), "9"}).run(), 1, "container does not exist");
}

TEST_F(KillTest, StoppedContainer) {
  const Container container = launch({"exit", "0"});
  reap(container.pid);
  expect_failure(runtime({"kill", container.id, "9"}).run(), 1, "container not running");
}

TEST_F(KillTest, AllOnAStoppedContainerSucceeds) {
  const Container container = launch({"exit", "0"});
  reap(container.pid);
  expect_success(runtime({"kill", "--all", container.id, "9"}).run());
  expect_success(runtime({"kill", "-a", container.id, "KILL"}).run());
}

TEST_F(KillTest, CreatedContainerCanBeKilled) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  expect_success(runtime({"kill", container.id, "KILL"}).run());
  EXPECT_EQ(reap(container.pid), 128 + SIGKILL);
  EXPECT_EQ(status(container.id), "stopped");
}

TEST_F(KillTest, AllReachesEveryProcess) {
  bundle().without_namespace("pid");
  const Container container = launch({"fork-pause", "3", "pause"});
  const Report report = Report::parse(container.out->until("]}\n"));
  ASSERT_EQ(report["fork-pause"]["pids"].size(), 3U);
  expect_success(runtime({"kill", "--all", container.id, "KILL"}).run());
  // They become ours to reap only once their parent is gone.
  EXPECT_EQ(reap(container.pid), 128 + SIGKILL);
  for (const int pid : report["fork-pause"]["pids"]) EXPECT_EQ(reap(pid), 128 + SIGKILL);
}

// The shim does this after init has died, when the pid namespace was not the container's own.
TEST_F(KillTest, AllReachesProcessesThatOutlivedTheFirst) {
  bundle().without_namespace("pid");
  const Container container = launch({"setsid-pause", "exit", "0"});
  const Report report = Report::parse(container.out->until("]}\n"));
  EXPECT_EQ(reap(container.pid), 0);
  expect_success(runtime({"kill", "--all", container.id, "9"}).run());
  EXPECT_EQ(reap(report["setsid-pause"]["pids"][0]), 128 + SIGKILL);
}

// SIGKILL of a container without a pid namespace of its own ends all of it.
TEST_F(KillTest, KillOfASharedPidNamespaceTakesTheWholeCgroup) {
  NACRE_PEER_DIFFERS(kRunc, "1.1.5 does so only with --all");
  NACRE_PEER_DIFFERS(kCrun, "does so only with --all");
  bundle().without_namespace("pid");
  const Container container = launch({"fork-pause", "2", "pause"});
  const Report report = Report::parse(container.out->until("]}\n"));
  expect_success(runtime({"kill", container.id, "KILL"}).run());
  EXPECT_EQ(reap(container.pid), 128 + SIGKILL);
  for (const int pid : report["fork-pause"]["pids"]) EXPECT_EQ(reap(pid), 128 + SIGKILL);
}

TEST_F(KillTest, PausedContainerDiesOfKill) {
  const Container container = launch_idle();
  expect_success(runtime({"pause", container.id}).run());
  expect_success(runtime({"kill", container.id, "KILL"}).run());
  EXPECT_EQ(reap(container.pid), 128 + SIGKILL);
}

// Podman calls kill, delete, pause and resume with an empty XDG_RUNTIME_DIR and nothing else.
TEST_F(KillTest, WorksWithAlmostNoEnvironment) {
  const Container container = launch_idle();
  const Outcome outcome = runtime({"kill", container.id, "9"})
                              .clear_env()
                              .unset_env("TMPDIR")
                              .env("XDG_RUNTIME_DIR", "")
                              .run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  EXPECT_EQ(reap(container.pid), 128 + SIGKILL);
  const Outcome deleted = runtime({"delete", "--force", container.id})
                              .clear_env()
                              .unset_env("TMPDIR")
                              .env("XDG_RUNTIME_DIR", "")
                              .run();
  EXPECT_EQ(deleted.exit_code, 0) << describe(deleted);
}

}  // namespace
}  // namespace nacre::test
