// ctr run in the foreground.
#include "tests/integration/callers/containerd.h"

namespace nacre::test {
namespace {

using testing::HasSubstr;

class ContainerdRunTest : public ContainerdTest {
 protected:
  Outcome run_once(Transcript& transcript, const std::string& step, const Strings& options,
                   const Strings& argv) const {
    return transcript.note(step, run(transcript, Strings{"--rm"} + options, "once", argv).run());
  }
};

TEST_F(ContainerdRunTest, ExitStatusAndStreamsAreTheCommands) {
  compare([this](Transcript& transcript) {
    EXPECT_EQ(run_once(transcript, "success", {}, {"true"}).exit_code, 0);
    const Outcome outcome = run_once(transcript, "failure", {},
                                     {"sh", "-c", "echo to stdout; echo to stderr >&2; exit 7"});
    EXPECT_EQ(outcome.exit_code, 7);
    EXPECT_EQ(outcome.out, "to stdout\n");
    EXPECT_EQ(outcome.err, "to stderr\n");
    Command with_input = run(transcript, {"--rm"}, "once", {"wc", "-c"});
    EXPECT_EQ(transcript.note("input", with_input.stdin_text(std::string(300'000, 'x')).run()).out,
              "300000\n");
  });
}

TEST_F(ContainerdRunTest, WhatCannotBeStartedIsSaidInTheSameWords) {
  compare([this](Transcript& transcript) {
    for (const char* program : {"nosuch", "/nosuch", "/not-executable", "/etc"}) {
      const Outcome outcome = run_once(transcript, program, {}, {program});
      EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
    }
    run_once(transcript, "mount", {"--mount", "type=bind,src=/nosuch,dst=/mnt,options=rbind:ro"},
             {"true"});
  });
}

TEST_F(ContainerdRunTest, SignalsEndIt) {
  compare([this](Transcript& transcript) {
    for (const char* signal : {"SIGKILL", "SIGTERM"}) {
      Pipe pipe = make_pipe();
      Running client =
          run(transcript, {"--rm"}, "once", polite_service()).stdout_fd(pipe.write.get()).start();
      pipe.write.reset();
      Reader out(std::move(pipe.read));
      out.until("ready");
      transcript.note("kill", ask({"tasks", "kill", "--signal", signal, "once"}));
      out.rest();
      const Outcome outcome = transcript.note(signal, client.wait());
      EXPECT_EQ(outcome.exit_code, std::string_view(signal) == "SIGKILL" ? 137 : 3);
    }
  });
}

TEST_F(ContainerdRunTest, TheTerminalHasTheUsersSizeAndKeys) {
  compare([this](Transcript& transcript) {
    const auto in_terminal = [&](const Strings& argv) {
      return run(transcript, {"--rm", "--tty"}, "once", argv);
    };
    play_window_watcher(transcript, in_terminal);
    play_interrupt(transcript, in_terminal);
  });
}

TEST_F(ContainerdRunTest, OptionsOfTheCaller) {
  const auto shared = home() / "shared";
  std::filesystem::create_directories(shared);
  write_text(shared / "file", "from the host");
  compare([&](Transcript& transcript) {
    const auto look = [&](const std::string& step, const Strings& options, const Strings& verbs) {
      const Outcome outcome = run_once(transcript, step, options, Strings{"/probe"} + verbs);
      EXPECT_TRUE(outcome.ok()) << describe(outcome);
    };
    const Strings identity = {"id",    "groups",  "caps", "nnp", "seccomp", "cwd",
                              "umask", "rlimits", "env",  "ls",  "/dev"};
    look("default", {}, identity);
    look("seccomp", {"--seccomp"}, identity);
    look("privileged", {"--privileged"}, {"caps", "seccomp", "nnp"});
    look("user namespace",
         {"--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536", "--remap-labels"},
         {"id", "caps"});
    look("files",
         {"--read-only", "--cwd", "/tmp", "--env", "A=b", "--mount",
          "type=bind,src=" + shared.string() + ",dst=/mnt,options=rbind:ro"},
         {"cwd", "env", "create", "/file", "x", "read", "/mnt/file", "write", "/mnt/file", "x"});
  });
}

TEST_F(ContainerdRunTest, TheExampleForTheCriPluginIsUnderstood) {
  const std::string example = NACRE_SOURCE_DIR "/contrib/containerd/config.toml";
  const Outcome dump = command({"containerd", "--config", example, "config", "dump"}).run();
  EXPECT_TRUE(dump.ok()) << describe(dump);
  EXPECT_THAT(dump.out, HasSubstr("BinaryName = \"/usr/local/bin/nacre-runtime\""));
}

}  // namespace
}  // namespace nacre::test
