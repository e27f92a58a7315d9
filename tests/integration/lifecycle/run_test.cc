// run: create, start, wait and delete in one, with the container's exit status as its own.
#include <signal.h>
#include <unistd.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RunTest : public ContainerTest {
 protected:
  Command run_command(const std::string& id, std::vector<std::string> options = {}) {
    prepare(bundle(), id);
    std::vector<std::string> args = {"run", "--bundle", bundle().path()};
    args.insert(args.end(), options.begin(), options.end());
    args.push_back(id);
    return runtime(args);
  }
};

TEST_F(RunTest, SaysWhatTheContainerSays) {
  bundle().probe({"say", "hello"});
  const Outcome outcome = run();
  expect_success(outcome);
  EXPECT_EQ(Report::parse(outcome.out)["say"]["text"], "hello");
}

TEST_F(RunTest, ExitStatusIsTheContainers) {
  for (const int status : {0, 1, 42, 125, 126, 127, 255}) {
    bundle().probe({"exit", std::to_string(status)});
    EXPECT_EQ(run().exit_code, status);
  }
}

TEST_F(RunTest, DeathBySignalIs128PlusItsNumber) {
  bundle().probe({"say", "here", "pause"});
  const std::string id = new_id();
  Pipe out = make_pipe();
  Running running = run_command(id).stdout_fd(out.write.get()).start();
  out.write.reset();
  Reader(std::move(out.read)).until("here");
  expect_success(runtime({"kill", id, "KILL"}).run());
  EXPECT_EQ(running.wait().exit_code, 128 + SIGKILL);
}

TEST_F(RunTest, StandardInputIsPassedOn) {
  bundle().probe({"cat"});
  const Outcome outcome = run_command(new_id()).stdin_text("some words").run();
  expect_success(outcome);
  EXPECT_EQ(outcome.out, "some words");
}

TEST_F(RunTest, StandardErrorIsTheContainersOwn) {
  bundle().with_busybox().args({"/bin/sh", "-c", "echo out; echo err >&2"});
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_EQ(outcome.err, "err\n");
}

TEST_F(RunTest, LeavesNoStateBehind) {
  const std::string id = new_id();
  expect_success(run_command(id).run());
  EXPECT_FALSE(fs::exists(state_root() / id));
  EXPECT_FALSE(fs::exists(cgroup_dir(id)));
}

TEST_F(RunTest, KeepLeavesAStoppedContainer) {
  NACRE_PEER_DIFFERS(kCrun, "1.8.1 has no run --keep");
  const std::string id = new_id();
  expect_success(run_command(id, {"--keep"}).run());
  EXPECT_EQ(status(id), "stopped");
  EXPECT_EQ(state(id)["pid"], 0);
  expect_success(runtime({"delete", id}).run());
}

TEST_F(RunTest, DetachReturnsWhileTheContainerRuns) {
  bundle().probe({"say", "here", "stdin-eof"});
  const std::string id = new_id();
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  expect_success(run_command(id, {"--detach", "--pid-file", work() / "c.pid"})
                     .stdin_fd(in.read.get())
                     .stdout_fd(out.write.get())
                     .run());
  out.write.reset();
  in.read.reset();
  Reader reader(std::move(out.read));
  reader.until("ready");
  EXPECT_EQ(status(id), "running");
  in.write.reset();
  reader.rest();
  EXPECT_EQ(reap(std::stoi(read_text(work() / "c.pid"))), 0);
  EXPECT_EQ(status(id), "stopped");
  expect_success(runtime({"delete", id}).run());
}

TEST_F(RunTest, ShortFormsOfTheOptions) {
  bundle().probe({"pause"});
  const std::string id = new_id();
  prepare(bundle(), id);
  expect_success(
      runtime({"run", "-b", bundle().path(), "-d", "--pid-file=" + (work() / "c.pid").string(), id})
          .run());
  EXPECT_EQ(status(id), "running");
}

// Callers in the foreground talk to the container by signalling the runtime.
TEST_F(RunTest, SignalsAreForwarded) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) {
    SCOPED_TRACE(signal);
    bundle().probe({"wait-signal"});
    Pipe out = make_pipe();
    Running running = run_command(new_id()).stdout_fd(out.write.get()).start();
    out.write.reset();
    Reader reader(std::move(out.read));
    reader.until("ready");
    running.send(signal);
    const Report report = Report::parse(reader.rest());
    EXPECT_EQ(report["wait-signal"]["signal"], signal);
    EXPECT_EQ(running.wait().exit_code, 0);
  }
}

TEST_F(RunTest, FailureNamesTheCommandAndLeavesNothing) {
  bundle().args({"/no/such"});
  const std::string id = new_id();
  const Outcome outcome = run_command(id).run();
  expect_failure(outcome, 1, "runc run failed: unable to start container process: ");
  expect_failure(outcome, 1, "stat /no/such: no such file or directory");
  EXPECT_FALSE(fs::exists(state_root() / id));
  expect_nothing_left();
}

TEST_F(RunTest, IdsAreFreeAgainAfterRun) {
  const std::string id = new_id();
  expect_success(run_command(id).run());
  expect_success(run_command(id).run());
}

TEST_F(RunTest, ProcessesThatOutliveTheFirstOneAreKilled) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 leaves them when the container shares the pid namespace");
  bundle().without_namespace("pid").probe({"setsid-pause"});
  const std::string id = new_id();
  const Outcome outcome = run_command(id).run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  expect_nothing_left();
}

TEST_F(RunTest, ManyAtOnce) {
  bundle().probe({"exit", "7"});
  std::vector<Running> running;
  for (int i = 0; i < 8; ++i) {
    Bundle& own = new_bundle("b" + std::to_string(i));
    own.probe({"exit", std::to_string(i)});
    const std::string id = new_id();
    prepare(own, id);
    running.push_back(runtime({"run", "--bundle", own.path(), id}).start());
  }
  for (int i = 0; i < 8; ++i) EXPECT_EQ(running[static_cast<std::size_t>(i)].wait().exit_code, i);
}

}  // namespace
}  // namespace nacre::test
