// kill -9 of the runtime after each of its system calls.
//
// The peers do not promise to survive this (runc leaves the first process or the cgroup of a create
// that was killed at the wrong moment), so there is nothing to compare with: nacre-runtime only.
#include <signal.h>
#include <sys/wait.h>

#include "tests/faults/stepper.h"
#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

constexpr int kSamples = 40;

class KillTheRuntimeTest : public ContainerTest {
 protected:
  void SetUp() override {
    NACRE_PEER_DIFFERS(kRunc, "does not promise to clean up after itself when killed");
    NACRE_PEER_DIFFERS(kCrun, "does not promise to clean up after itself when killed");
    ContainerTest::SetUp();
    expect_orphans();
  }

  // For every step: `before` makes the starting point and gives the id, `command` is killed, then
  // `after` looks, and delete --force has to leave nothing.
  template <class Before, class Make, class After>
  void at_every_step(Before before, Make command, After after) {
    const std::string first = before();
    const Steps whole = run_steps(command(first), std::nullopt);
    ASSERT_EQ(whole.exit_code, 0) << "the command fails even when it is left alone";
    expect_success(runtime({"delete", "--force", first}).run());
    ASSERT_TRUE(expect_nothing_left());
    int failures = 0;
    for (const int step : steps_to_try(whole.taken, kSamples)) {
      const std::string id = before();
      const Steps steps = run_steps(command(id), step);
      SCOPED_TRACE("killed after system call " + std::to_string(step) + " of about " +
                   std::to_string(whole.taken) + ", whose number is " +
                   std::to_string(steps.last_call));
      after(id);
      const Outcome outcome = run_as_reaper(runtime({"delete", "--force", id}));
      EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
      if (outcome.ok() && expect_nothing_left()) continue;
      sweep();
      if (++failures == 5) {
        ADD_FAILURE() << "five steps failed; the rest is not tried";
        return;
      }
    }
  }

  // What a killed runtime leaves running in the container is ours to reap, as it is a shim's: pid 1
  // of a pid namespace does not end before the last of its processes is reaped
  // (pid_namespaces(7)), and delete waits for its end.
  static Outcome run_as_reaper(Command command) {
    Running running = command.start();
    for (;;) {
      siginfo_t ended{};
      if (::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT) != 0) continue;
      if (ended.si_pid == running.pid()) return running.wait();
      ::waitpid(ended.si_pid, nullptr, 0);
    }
  }

  // Without "after": nothing to look at.
  static void nothing(const std::string&) {}

  Command create_command(const std::string& id) {
    prepare(bundle(), id);
    return runtime({"create", "--bundle", bundle().path(), "--pid-file", work() / "c.pid", id});
  }
  std::string created() {
    const std::string id = new_id();
    expect_success(create_command(id).run());
    return id;
  }
  std::string running() {
    const std::string id = created();
    expect_success(runtime({"start", id}).run());
    return id;
  }
};

TEST_F(KillTheRuntimeTest, DuringCreate) {
  bundle().probe({"pause"});
  at_every_step([this] { return new_id(); },
                [this](const std::string& id) { return create_command(id); }, nothing);
}

TEST_F(KillTheRuntimeTest, DuringCreateWithAUserNamespaceAndHooks) {
  bundle().probe({"pause"}).with_namespace("user");
  bundle().linux_section()["uidMappings"] = {{{"containerID", 0}, {"hostID", 0}, {"size", 65536}}};
  bundle().linux_section()["gidMappings"] = {{{"containerID", 0}, {"hostID", 0}, {"size", 65536}}};
  bundle().hook("createRuntime", {"/bin/true"}).hook("createContainer", {"/bin/true"});
  at_every_step([this] { return new_id(); },
                [this](const std::string& id) { return create_command(id); }, nothing);
}

TEST_F(KillTheRuntimeTest, DuringCreateTheIdCanBeUsedAgain) {
  bundle().probe({"pause"});
  at_every_step([this] { return new_id(); },
                [this](const std::string& id) { return create_command(id); },
                [this](const std::string& id) {
                  expect_success(runtime({"delete", "--force", id}).run());
                  expect_success(create_command(id).run());
                });
}

TEST_F(KillTheRuntimeTest, DuringStart) {
  bundle().probe({"pause"});
  at_every_step([this] { return created(); },
                [this](const std::string& id) { return runtime({"start", id}); },
                [this](const std::string& id) {
                  const std::string now = status(id);
                  EXPECT_TRUE(now == "created" || now == "running") << now;
                });
}

TEST_F(KillTheRuntimeTest, DuringRun) {
  bundle().probe({"exit", "0"});
  at_every_step([this] { return new_id(); },
                [this](const std::string& id) {
                  prepare(bundle(), id);
                  return runtime({"run", "--bundle", bundle().path(), id});
                },
                nothing);
}

TEST_F(KillTheRuntimeTest, DuringExec) {
  bundle().probe({"pause"});
  at_every_step([this] { return running(); },
                [this](const std::string& id) { return runtime({"exec", id, "/probe", "id"}); },
                [this](const std::string& id) { EXPECT_EQ(status(id), "running"); });
}

TEST_F(KillTheRuntimeTest, DuringDelete) {
  bundle().probe({"pause"});
  at_every_step([this] { return created(); },
                [this](const std::string& id) { return runtime({"delete", "--force", id}); },
                nothing);
}

TEST_F(KillTheRuntimeTest, DuringPauseAndResume) {
  bundle().probe({"pause"});
  at_every_step([this] { return running(); },
                [this](const std::string& id) { return runtime({"pause", id}); }, nothing);
}

// Nobody may wait for ever for a runtime that is gone: other commands get their answer.
TEST_F(KillTheRuntimeTest, ListAndStateAnswerAtEveryStepOfCreate) {
  bundle().probe({"pause"});
  at_every_step([this] { return new_id(); },
                [this](const std::string& id) { return create_command(id); },
                [this](const std::string& id) {
                  EXPECT_FALSE(runtime({"state", id}).run().timed_out);
                  if (std::filesystem::exists(state_root())) {
                    EXPECT_EQ(runtime({"list", "-q"}).run().exit_code, 0);
                  }
                });
}

}  // namespace
}  // namespace nacre::test
