// A service under Docker: exec, stop, kill, pause, logs, top, stats, restart.
#include "tests/integration/callers/docker.h"

namespace nacre::test {
namespace {

using testing::HasSubstr;

class DockerLifecycleTest : public DockerTest {
 protected:
  Outcome remove(const std::string& name) const { return ask({"rm", "--force", name}); }
  std::string frozen(const std::string& name) const {
    const std::string events = read_text(cgroup_dir(inspect(name, "{{.Id}}")) / "cgroup.events");
    return events.substr(events.find("frozen"));
  }
  void stop_and_remove(Transcript& transcript, const std::string& name, const Strings& options,
                       int exit_code) {
    transcript.note_result("stop", ask(Strings{"stop"} + options + Strings{name}));
    transcript.note("logs", ask({"logs", name}));
    const std::string status =
        inspect(name, "{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}");
    EXPECT_EQ(status, "exited " + std::to_string(exit_code) + " 0");
    transcript.note("remove", ask({"rm", name}));
  }
};

TEST_F(DockerLifecycleTest, StopSendsTheSignalAndThenKills) {
  compare([this](Transcript& transcript) {
    // Were the signal not delivered, 137 would be the answer.
    stop_and_remove(transcript, start_service(transcript, {}, polite_service()), {"--time=60"}, 3);
    stop_and_remove(transcript, start_service(transcript, {}, stubborn_service()), {"--time=1"},
                    137);
    const Strings by_user_signal = {
        "sh", "-c", "trap 'exit 4' USR1; echo ready; while :; do sleep 3600 & wait $!; done"};
    stop_and_remove(transcript,
                    start_service(transcript, {"--stop-signal=SIGUSR1"}, by_user_signal),
                    {"--time=60"}, 4);
  });
}

TEST_F(DockerLifecycleTest, Exec) {
  compare([this](Transcript& transcript) {
    const std::string name = start_service(transcript, {"--hostname=box"}, polite_service());
    const auto exec = [&](const std::string& step, const Strings& options, const Strings& argv) {
      return transcript.note(step, ask(Strings{"exec"} + options + Strings{name} + argv));
    };
    EXPECT_EQ(exec("status", {}, {"sh", "-c", "echo out; echo err >&2; exit 9"}).exit_code, 9);
    exec("identity", {},
         {"/probe", "id", "groups", "caps", "nnp", "seccomp", "cwd", "umask", "rlimits", "ls",
          "/proc/self/fd"});
    exec("options", {"--user=1000:50", "--workdir=/tmp", "--env=WORD=said"},
         {"/probe", "id", "groups", "caps", "cwd", "env"});
    EXPECT_EQ(exec("killed", {}, {"sh", "-c", "kill -9 $$"}).exit_code, 137);
    EXPECT_EQ(exec("not in the path", {}, {"nosuch"}).exit_code, 126);
    exec("not executable", {}, {"/not-executable"});
    exec("a directory", {}, {"/etc"});
    exec("missing directory", {"--workdir=/nosuch"}, {"true"});
    Command with_input = docker({"exec", "--interactive", name, "wc", "-c"});
    EXPECT_EQ(transcript.note("input", with_input.stdin_text(std::string(300'000, 'x')).run()).out,
              "300000\n");
    play_window_watcher(transcript, [&](const Strings& argv) {
      return docker(Strings{"exec", "--interactive", "--tty", name} + argv);
    });
    transcript.note("remove", remove(name));
  });
}

TEST_F(DockerLifecycleTest, ADetachedExecRunsOn) {
  compare([this](Transcript& transcript) {
    const std::string name = start_service(transcript, {}, polite_service());
    transcript.note("exec",
                    ask({"exec", "--detach", name, "sh", "-c", "echo behind > /proc/1/fd/1"}));
    EXPECT_THAT(wait_for_log(name, "behind"), HasSubstr("behind"));
    transcript.note("remove", remove(name));
  });
}

TEST_F(DockerLifecycleTest, PauseFreezes) {
  compare([this](Transcript& transcript) {
    const std::string name = start_service(transcript, {}, polite_service());
    transcript.note("pause", ask({"pause", name}));
    EXPECT_EQ(inspect(name, "{{.State.Status}}"), "paused");
    EXPECT_EQ(frozen(name), "frozen 1\n");
    transcript.note("exec", ask({"exec", name, "true"}));
    transcript.note("again", ask({"pause", name}));
    transcript.note("unpause", ask({"unpause", name}));
    EXPECT_EQ(inspect(name, "{{.State.Status}}"), "running");
    EXPECT_EQ(frozen(name), "frozen 0\n");
    EXPECT_EQ(transcript.note("exec", ask({"exec", name, "true"})).exit_code, 0);
    // Removing must thaw it.
    transcript.note("pause", ask({"pause", name}));
    transcript.note("remove", remove(name));
  });
}

TEST_F(DockerLifecycleTest, KillTakesNamesAndNumbers) {
  compare([this](Transcript& transcript) {
    for (const char* signal : {"KILL", "SIGKILL", "9", "TERM"}) {
      const std::string name = start_service(transcript, {}, polite_service());
      transcript.note("kill", ask({"kill", "--signal", signal, name}));
      const bool term = std::string_view(signal) == "TERM";
      EXPECT_EQ(transcript.note("wait", ask({"wait", name})).out, term ? "3\n" : "137\n") << signal;
      transcript.note("kill what is gone", ask({"kill", name}));
      transcript.note("remove", ask({"rm", name}));
    }
  });
}

TEST_F(DockerLifecycleTest, RestartMakesItAnew) {
  compare([this](Transcript& transcript) {
    const std::string name = start_service(transcript, {}, polite_service());
    transcript.note("restart", ask({"restart", "--time=60", name}));
    EXPECT_EQ(inspect(name, "{{.State.Running}}"), "true");
    wait_for_log(name, "stopping");
    transcript.note("stop", ask({"stop", "--time=60", name}));
    EXPECT_EQ(ask({"logs", name}).out, "ready\nstopping\nready\nstopping\n");
    transcript.note("start", ask({"start", name}));
    transcript.note("remove", remove(name));
  });
}

TEST_F(DockerLifecycleTest, TopAndStats) {
  compare([this](Transcript& transcript) {
    const std::string name = start_service(transcript, {}, stubborn_service());
    // The column PID is what Docker selects by; it is left out here because it is another each
    // time.
    const Outcome top = ask({"top", name, "-o", "pid,args"});
    EXPECT_TRUE(top.ok()) << describe(top);
    EXPECT_THAT(top.out, HasSubstr("sleep 3600"));
    transcript.note_text("processes",
                         std::to_string(std::count(top.out.begin(), top.out.end(), '\n')));
    const Outcome stats = ask({"stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}", name});
    EXPECT_EQ(stats.out, name + (has_controller("pids") ? " 1\n" : " 0\n")) << describe(stats);
    transcript.note("remove", remove(name));
  });
}

TEST_F(DockerLifecycleTest, LimitsHold) {
  NACRE_REQUIRE_CONTROLLER("memory");
  NACRE_REQUIRE_CONTROLLER("pids");
  NACRE_REQUIRE_CONTROLLER("cpu");
  compare([this](Transcript& transcript) {
    const std::string name = start_service(
        transcript, {"--memory=64m", "--memory-swap=64m", "--pids-limit=20", "--cpus=0.5"},
        polite_service());
    const Outcome bomb = ask({"exec", name, "/probe", "forkbomb", "40"});
    EXPECT_LT(Report::parse(bomb.out)["forkbomb"].value("children", 40), 20) << describe(bomb);
    EXPECT_EQ(ask({"exec", name, "/probe", "memhog", "200000000"}).exit_code, 137);
    transcript.note("remove", remove(name));
    const Outcome killed = transcript.note_result(
        "over the limit",
        run(transcript, {"--memory=64m", "--memory-swap=64m"}, {"/probe", "memhog", "200000000"})
            .run());
    EXPECT_EQ(killed.exit_code, 137) << describe(killed);
  });
}

}  // namespace
}  // namespace nacre::test
