// podman run, exec, stop, pause, logs.
#include "tests/integration/callers/podman.h"

namespace nacre::test {
namespace {

using testing::HasSubstr;

class PodmanRunTest : public PodmanTest {
 protected:
  Outcome run_once(Transcript& transcript, const std::string& step, const Strings& options,
                   const Strings& argv) const {
    return transcript.note(step, run(transcript, Strings{"--rm"} + options, argv).run());
  }
};

TEST_F(PodmanRunTest, ExitStatusAndStreamsAreTheCommands) {
  compare([this](Transcript& transcript) {
    EXPECT_EQ(run_once(transcript, "success", {}, {"true"}).exit_code, 0);
    const Outcome outcome = run_once(transcript, "failure", {},
                                     {"sh", "-c", "echo to stdout; echo to stderr >&2; exit 7"});
    EXPECT_EQ(outcome.exit_code, 7);
    EXPECT_EQ(outcome.out, "to stdout\n");
    EXPECT_EQ(outcome.err, "to stderr\n");
    Command with_input = run(transcript, {"--rm", "--interactive"}, {"wc", "-c"});
    EXPECT_EQ(transcript.note("input", with_input.stdin_text(std::string(300'000, 'x')).run()).out,
              "300000\n");
  });
}

// Without the settings that spare the runtime limits where there are no controllers.
TEST_F(PodmanRunTest, AsItComes) {
  NACRE_REQUIRE_CONTROLLER("pids");
  NACRE_REQUIRE_CONTROLLER("memory");
  compare([this](Transcript& transcript) {
    EXPECT_EQ(run_once(transcript, "pids", {}, {"cat", "/sys/fs/cgroup/pids.max"}).out, "2048\n");
    const Outcome killed = run_once(transcript, "memory", {"--memory=64m", "--memory-swap=64m"},
                                    {"/probe", "memhog", "200000000"});
    EXPECT_EQ(killed.exit_code, 137) << describe(killed);
  });
}

TEST_F(PodmanRunTest, WhatCannotBeStartedIsSaidInTheSameWords) {
  struct Case {
    const char* program;
    int exit_code;
  };
  constexpr Case kCases[] = {
      {"nosuch", 127}, {"/nosuch", 127}, {"/not-executable", 126}, {"/etc", 126}};
  compare([&](Transcript& transcript) {
    for (const auto& [program, exit_code] : kCases) {
      const Outcome outcome = run_once(transcript, program, {}, {program});
      EXPECT_EQ(outcome.exit_code, exit_code) << describe(outcome);
    }
    run_once(transcript, "directory over file", {"--volume=/etc:/etc/passwd"}, {"true"});
  });
}

TEST_F(PodmanRunTest, TheTerminalHasTheUsersSizeAndKeys) {
  compare([this](Transcript& transcript) {
    const auto in_terminal = [&](const Strings& argv) {
      return run(transcript, {"--rm", "--interactive", "--tty"}, argv);
    };
    play_window_watcher(transcript, in_terminal);
    play_interrupt(transcript, in_terminal);
  });
}

TEST_F(PodmanRunTest, OptionsOfTheCaller) {
  compare([this](Transcript& transcript) {
    const auto look = [&](const std::string& step, const Strings& options, const Strings& verbs) {
      const Outcome outcome = run_once(transcript, step, Strings{"--hostname=box"} + options,
                                       Strings{"/probe"} + verbs);
      EXPECT_TRUE(outcome.ok()) << describe(outcome);
      return Report::parse(outcome.out);
    };
    const Strings identity = {"id",    "groups",  "caps", "nnp",  "seccomp", "cwd",
                              "umask", "rlimits", "ls",   "/dev", "ls",      "/proc/self/fd"};
    EXPECT_EQ(look("default", {}, identity)["seccomp"]["mode"], 2);
    look("user", {"--user=1000:50", "--workdir=/tmp", "--env=A=b"}, identity);
    look("capabilities", {"--cap-drop=ALL", "--cap-add=CHOWN", "--security-opt=no-new-privileges"},
         identity);
    look("privileged", {"--privileged"}, {"caps", "seccomp", "nnp"});
    look("read only", {"--read-only", "--tmpfs=/scratch"},
         {"create", "/file", "x", "create", "/scratch/file", "x"});
    look("time zone and limits", {"--ulimit=nofile=100:200", "--umask=0077"}, {"rlimits", "umask"});
  });
}

// Podman gives the folder with the sources of mounts to the container's root and keeps it closed to
// all others.
TEST_F(PodmanRunTest, UserNamespace) {
  compare([this](Transcript& transcript) {
    const Outcome outcome =
        run_once(transcript, "mapped", {"--uidmap=0:100000:65536", "--gidmap=0:100000:65536"},
                 {"/probe", "id", "caps", "read", "/proc/self/uid_map"});
    EXPECT_TRUE(outcome.ok()) << describe(outcome);
  });
}

// Podman asks only runtimes for this whose name is in a list: our drop-in puts ours there.
TEST_F(PodmanRunTest, WithoutCgroups) {
  if (is_peer())
    GTEST_SKIP() << "peer difference: Podman knows that runc cannot do without cgroups";
  const Outcome outcome =
      ask(Transcript(runtime_path()), {"run", "--rm", "--network=none", "--ulimit=host",
                                       "--cgroups=disabled", kImage, "sh", "-c", "exit 7"});
  EXPECT_EQ(outcome.exit_code, 7) << describe(outcome);
  EXPECT_EQ(outcome.err, "");
}

class PodmanLifecycleTest : public PodmanTest {};

TEST_F(PodmanLifecycleTest, StopSendsTheSignalAndThenKills) {
  compare([this](Transcript& transcript) {
    start_service(transcript, {}, polite_service());
    transcript.note("stop", ask(transcript, {"stop", "--time=60", "service"}));
    EXPECT_EQ(inspect(transcript, "{{.State.Status}} {{.State.ExitCode}}"), "exited 3");
    EXPECT_EQ(transcript.note("logs", ask(transcript, {"logs", "service"})).out,
              "ready\nstopping\n");
    transcript.note_result("start", ask(transcript, {"start", "service"}));
    transcript.note_result("remove", ask(transcript, {"rm", "--force", "--time=60", "service"}));
    start_service(transcript, {}, stubborn_service());
    transcript.note_result("stop", ask(transcript, {"stop", "--time=1", "service"}));
    EXPECT_EQ(inspect(transcript, "{{.State.Status}} {{.State.ExitCode}}"), "exited 137");
    transcript.note_result("remove", ask(transcript, {"rm", "service"}));
  });
}

TEST_F(PodmanLifecycleTest, Exec) {
  compare([this](Transcript& transcript) {
    start_service(transcript, {"--hostname=box"}, polite_service());
    const auto exec = [&](const std::string& step, const Strings& options, const Strings& argv) {
      return transcript.note(
          step, ask(transcript, Strings{"exec"} + options + Strings{"service"} + argv));
    };
    const Outcome outcome = exec("status", {}, {"sh", "-c", "echo out; echo err >&2; exit 9"});
    EXPECT_EQ(outcome.exit_code, 9);
    EXPECT_EQ(outcome.out, "out\n");
    exec("identity", {},
         {"/probe", "id", "groups", "caps", "nnp", "seccomp", "cwd", "umask", "rlimits"});
    exec("options", {"--user=1000:50", "--workdir=/tmp", "--env=A=b"},
         {"/probe", "id", "groups", "caps", "cwd"});
    EXPECT_EQ(exec("killed", {}, {"sh", "-c", "kill -9 $$"}).exit_code, 137);
    EXPECT_EQ(exec("not in the path", {}, {"nosuch"}).exit_code, 127);
    EXPECT_EQ(exec("not executable", {}, {"/not-executable"}).exit_code, 126);
    exec("missing directory", {"--workdir=/nosuch"}, {"true"});
    play_window_watcher(transcript, [&](const Strings& argv) {
      return podman(transcript, Strings{"exec", "--interactive", "--tty", "service"} + argv);
    });
    transcript.note_result("remove", ask(transcript, {"rm", "--force", "--time=60", "service"}));
  });
}

TEST_F(PodmanLifecycleTest, PauseKillTop) {
  compare([this](Transcript& transcript) {
    start_service(transcript, {}, stubborn_service());
    transcript.note("pause", ask(transcript, {"pause", "service"}));
    EXPECT_EQ(inspect(transcript, "{{.State.Status}}"), "paused");
    transcript.note("exec", ask(transcript, {"exec", "service", "true"}));
    transcript.note("unpause", ask(transcript, {"unpause", "service"}));
    EXPECT_EQ(inspect(transcript, "{{.State.Status}}"), "running");
    const Outcome top = ask(transcript, {"top", "service", "pid", "args"});
    EXPECT_TRUE(top.ok()) << describe(top);
    EXPECT_THAT(top.out, HasSubstr("sleep 3600"));
    transcript.note("kill", ask(transcript, {"kill", "--signal=KILL", "service"}));
    EXPECT_EQ(transcript.note("wait", ask(transcript, {"wait", "service"})).out, "137\n");
    transcript.note("kill what is gone", ask(transcript, {"kill", "service"}));
    transcript.note_result("remove", ask(transcript, {"rm", "service"}));
  });
}

}  // namespace
}  // namespace nacre::test
