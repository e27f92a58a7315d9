// A detached task: exec, pause, resume, kill, delete, ps, output.
#include "tests/integration/callers/containerd.h"

namespace nacre::test {
namespace {

class ContainerdLifecycleTest : public ContainerdTest {
 protected:
  void kill_and_delete(Transcript& transcript, const std::string& id, const std::string& signal,
                       int exit_code) {
    transcript.note("kill", ask({"tasks", "kill", "--signal", signal, id}));
    EXPECT_TRUE(becomes(id, "STOPPED"));
    const Outcome deleted = transcript.note("delete", ask({"tasks", "delete", id}));
    EXPECT_THAT(deleted.err, testing::HasSubstr("non-zero exit code " + std::to_string(exit_code)));
    EXPECT_EQ(status(id), "");
    transcript.note("remove", ask({"containers", "delete", id}));
  }
};

TEST_F(ContainerdLifecycleTest, RunDetachedKillDelete) {
  compare([this](Transcript& transcript) {
    const auto output = start_service(transcript, "service", polite_service());
    EXPECT_EQ(status("service"), "RUNNING");
    transcript.note("delete what runs", ask({"tasks", "delete", "service"}));
    transcript.note("the same name", run(transcript, {"--detach"}, "service", {"true"}).run());
    kill_and_delete(transcript, "service", "SIGTERM", 3);
    EXPECT_EQ(output->until("stopping"), "stopping\n");
    start_service(transcript, "service", stubborn_service());
    kill_and_delete(transcript, "service", "9", 137);
    transcript.note("kill what is gone", ask({"tasks", "kill", "service"}));
  });
}

// Without an option that would spare the runtime anything.
TEST_F(ContainerdLifecycleTest, AsItComes) {
  NACRE_REQUIRE_CONTROLLER("cpu");
  NACRE_REQUIRE_CONTROLLER("memory");
  compare([this](Transcript& transcript) {
    start_service(transcript, "service", polite_service());
    // The 1024 shares that ctr asks for: Debian's runc still has the linear formula, under which
    // the default of the one is not the default of the other.
    EXPECT_EQ(read_text(cgroup_dir("service") / "cpu.weight"),
              transcript.runtime() == "runc" ? "39\n" : "100\n");
    kill_and_delete(transcript, "service", "SIGTERM", 3);
    const Outcome killed =
        transcript.note("over the limit", run(transcript, {"--rm", "--memory-limit", "67108864"},
                                              "once", {"/probe", "memhog", "200000000"})
                                              .run());
    EXPECT_EQ(killed.exit_code, 137) << describe(killed);
  });
}

TEST_F(ContainerdLifecycleTest, DeleteByForceAndAll) {
  compare([this](Transcript& transcript) {
    start_service(transcript, "service", stubborn_service());
    transcript.note("delete", ask({"tasks", "delete", "--force", "service"}));
    EXPECT_EQ(status("service"), "");
    transcript.note("remove", ask({"containers", "delete", "service"}));
    start_service(transcript, "service", stubborn_service());
    transcript.note("kill all", ask({"tasks", "kill", "--all", "--signal", "SIGKILL", "service"}));
    EXPECT_TRUE(becomes("service", "STOPPED"));
    transcript.note("kill all that is left",
                    ask({"tasks", "kill", "--all", "--signal", "SIGKILL", "service"}));
    transcript.note("delete", ask({"tasks", "delete", "service"}));
    transcript.note("remove", ask({"containers", "delete", "service"}));
  });
}

TEST_F(ContainerdLifecycleTest, Exec) {
  compare([this](Transcript& transcript) {
    start_service(transcript, "service", polite_service());
    const auto exec = [&](const std::string& step, const Strings& options, const Strings& argv) {
      return transcript.note(step, ask(Strings{"tasks", "exec", "--exec-id", "one"} + options +
                                       Strings{"service"} + argv));
    };
    const Outcome outcome = exec("status", {}, {"sh", "-c", "echo out; echo err >&2; exit 9"});
    EXPECT_EQ(outcome.exit_code, 9);
    EXPECT_EQ(outcome.out, "out\n");
    exec("identity", {},
         {"/probe", "id", "groups", "caps", "nnp", "seccomp", "cwd", "env", "umask", "rlimits"});
    exec("options", {"--user", "1000", "--cwd", "/tmp"}, {"/probe", "id", "groups", "caps", "cwd"});
    EXPECT_EQ(exec("killed", {}, {"sh", "-c", "kill -9 $$"}).exit_code, 137);
    EXPECT_EQ(exec("not in the path", {}, {"nosuch"}).exit_code, 1);
    EXPECT_EQ(exec("not executable", {}, {"/not-executable"}).exit_code, 1);
    exec("detached", {"--detach"}, {"true"});
    Command with_input = ctr({"tasks", "exec", "--exec-id", "two", "service", "wc", "-c"});
    EXPECT_EQ(transcript.note("input", with_input.stdin_text(std::string(300'000, 'x')).run()).out,
              "300000\n");
    play_window_watcher(transcript, [&](const Strings& argv) {
      return ctr(Strings{"tasks", "exec", "--exec-id", "three", "--tty", "service"} + argv);
    });
    kill_and_delete(transcript, "service", "SIGTERM", 3);
  });
}

TEST_F(ContainerdLifecycleTest, PauseAndResume) {
  compare([this](Transcript& transcript) {
    start_service(transcript, "service", polite_service());
    const auto events = cgroup_dir("service") / "cgroup.events";
    transcript.note("pause", ask({"tasks", "pause", "service"}));
    EXPECT_EQ(status("service"), "PAUSED");
    EXPECT_THAT(read_text(events), testing::HasSubstr("frozen 1"));
    transcript.note("exec", ask({"tasks", "exec", "--exec-id", "one", "service", "true"}));
    transcript.note("resume", ask({"tasks", "resume", "service"}));
    EXPECT_EQ(status("service"), "RUNNING");
    EXPECT_THAT(read_text(events), testing::HasSubstr("frozen 0"));
    transcript.note("resume again", ask({"tasks", "resume", "service"}));
    transcript.note("pause", ask({"tasks", "pause", "service"}));
    kill_and_delete(transcript, "service", "SIGKILL", 137);
  });
}

TEST_F(ContainerdLifecycleTest, ProcessesAndMetrics) {
  compare([this](Transcript& transcript) {
    start_service(transcript, "service", stubborn_service());
    const Outcome processes = ask({"tasks", "ps", "service"});
    EXPECT_TRUE(processes.ok()) << describe(processes);
    // A line for the heading and one for the only process.
    EXPECT_EQ(std::count(processes.out.begin(), processes.out.end(), '\n'), 2) << processes.out;
    const Outcome metrics = ask({"tasks", "metrics", "service"});
    EXPECT_TRUE(metrics.ok()) << describe(metrics);
    transcript.note_text("metrics",
                         std::to_string(std::count(metrics.out.begin(), metrics.out.end(), '\n')));
    kill_and_delete(transcript, "service", "SIGKILL", 137);
  });
}

}  // namespace
}  // namespace nacre::test
