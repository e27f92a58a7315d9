// docker run in the foreground: exit statuses, streams, what cannot be started, the terminal.
#include "tests/integration/callers/docker.h"

namespace nacre::test {
namespace {

using testing::HasSubstr;

class DockerRunTest : public DockerTest {
 protected:
  Outcome run_shell(Transcript& transcript, const std::string& step, const Strings& options,
                    std::string script) const {
    return transcript.note(step, run(transcript, options, {"sh", "-c", std::move(script)}).run());
  }
};

TEST_F(DockerRunTest, ExitStatusAndStreamsAreTheCommands) {
  compare([this](Transcript& transcript) {
    EXPECT_EQ(run_shell(transcript, "success", {}, "true").exit_code, 0);
    const Outcome outcome =
        run_shell(transcript, "failure", {}, "echo to stdout; echo to stderr >&2; exit 7");
    EXPECT_EQ(outcome.exit_code, 7);
    EXPECT_EQ(outcome.out, "to stdout\n");
    EXPECT_EQ(outcome.err, "to stderr\n");
    Command with_input = run(transcript, {"--interactive"}, {"wc", "-c"});
    EXPECT_EQ(transcript.note("input", with_input.stdin_text(std::string(300'000, 'x')).run()).out,
              "300000\n");
  });
}

TEST_F(DockerRunTest, WhatCannotBeStartedIsSaidInTheSameWords) {
  struct Case {
    const char* step;
    Strings options;
    Strings argv;
    int exit_code;
  };
  const std::vector<Case> cases = {
      {"not in the path", {}, {"nosuch"}, 127},
      {"no such file", {}, {"/nosuch"}, 127},
      {"below a file", {}, {"/etc/passwd/x"}, 125},
      {"not executable", {}, {"/not-executable"}, 126},
      {"a directory", {}, {"/etc"}, 126},
      {"directory over file", {"--volume=/etc:/etc/passwd"}, {"true"}, 125},
      {"unknown user", {"--user=nosuch"}, {"true"}, 125},
      {"missing capability", {"--cap-drop=NOSUCH"}, {"true"}, 125},
  };
  compare([&](Transcript& transcript) {
    for (const auto& [step, options, argv, exit_code] : cases) {
      const Outcome outcome = transcript.note(step, run(transcript, options, argv).run());
      EXPECT_EQ(outcome.exit_code, exit_code) << step << '\n' << describe(outcome);
    }
  });
}

// The kernel says so after the container has been started. runc leaves the sentence in the
// container's output and status 1, as if the program had run; we fail the start.
TEST_F(DockerRunTest, AMissingInterpreterIsAFailureToStart) {
  const Outcome outcome = run(Transcript(runtime_path()), {}, {"/bad-interpreter"}).run();
  if (is_peer()) {
    EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
  } else {
    EXPECT_EQ(outcome.exit_code, 127) << describe(outcome);
  }
  EXPECT_THAT(outcome.err, HasSubstr("exec /bad-interpreter: no such file or directory"));
}

TEST_F(DockerRunTest, SignalsOfTheClientReachTheCommand) {
  compare([this](Transcript& transcript) {
    for (const int signal : {SIGTERM, SIGKILL}) {
      Pipe pipe = make_pipe();
      Running client = run(transcript, {"--name=foreground"}, polite_service())
                           .stdout_fd(pipe.write.get())
                           .start();
      pipe.write.reset();
      Reader out(std::move(pipe.read));
      out.until("ready");
      if (signal == SIGTERM) {
        client.send(signal);
      } else {
        transcript.note("kill", ask({"kill", "--signal=9", "foreground"}));
      }
      const std::string said = out.rest();
      const Outcome outcome = transcript.note("signal " + std::to_string(signal), client.wait());
      EXPECT_EQ(outcome.exit_code, signal == SIGTERM ? 3 : 137);
      EXPECT_EQ(said, signal == SIGTERM ? "stopping\n" : "");
    }
  });
}

TEST_F(DockerRunTest, TheTerminalHasTheUsersSizeAndKeys) {
  compare([this](Transcript& transcript) {
    const auto in_terminal = [&](const Strings& argv) {
      return run(transcript, {"--interactive", "--tty"}, argv);
    };
    play_window_watcher(transcript, in_terminal);
    play_interrupt(transcript, in_terminal);
  });
}

}  // namespace
}  // namespace nacre::test
