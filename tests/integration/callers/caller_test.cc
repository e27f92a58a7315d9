#include "tests/integration/callers/caller_test.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <set>
#include <sstream>

namespace nacre::test {
namespace {

namespace fs = std::filesystem;

void write_program(const fs::path& path, std::string_view text, fs::perms mode) {
  write_text(path, text);
  fs::permissions(path, mode);
}

// One that is still running of those that look after a container or tidy up behind it, if any.
UniqueFd find_helper() {
  const std::set<std::string> helpers = {"conmon\n", "podman\n", "containerd-shim\n"};
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::error_code absent;
    if (!fs::exists(entry.path() / "comm", absent)) continue;
    if (!helpers.contains(read_text(entry.path() / "comm"))) continue;
    const auto pid = static_cast<pid_t>(std::strtol(entry.path().filename().c_str(), nullptr, 10));
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (pidfd) return pidfd;
  }
  return {};
}

// They leave some time after the container is gone, and nobody but process 1 reaps them.
void wait_for_helpers() {
  const auto deadline = std::chrono::steady_clock::now() + time_limit();
  for (UniqueFd pidfd = find_helper(); pidfd; pidfd = find_helper()) {
    ASSERT_TRUE(wait_for_end(pidfd.get()) && std::chrono::steady_clock::now() < deadline)
        << "conmon, podman or a shim does not end";
    while (::waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), nullptr, WEXITED) != 0 &&
           errno == EINTR) {
    }
  }
}

void expect_done(const Outcome& outcome) { ASSERT_TRUE(outcome.ok()) << describe(outcome); }

std::string shell_size(WindowSize size) {
  return std::to_string(size.rows) + " " + std::to_string(size.columns);
}

Strings shell(std::string script) { return {"sh", "-c", std::move(script)}; }

Strings window_watcher(WindowSize first, WindowSize second) {
  const auto wait_for = [](WindowSize size, const std::string& word) {
    // stty complains as long as the size is not known.
    return "until [ \"$(stty size 2>/dev/null)\" = \"" + shell_size(size) +
           "\" ]; do sleep 0.05; done; echo " + word + "; ";
  };
  return shell(wait_for(first, "first") + wait_for(second, "second") + "exit 5");
}

}  // namespace

Strings operator+(Strings first, const Strings& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

void CallerTest::SetUp() {
  ContainerTest::SetUp();
  if (IsSkipped()) return;
  for (const auto& program : needed_programs() + Strings{"runc", "jq"})
    NACRE_REQUIRE_PROGRAM(program);
  shelter_ = std::make_unique<Shelter>(home());
  fs::create_directories(home() / "tmp");
  start_engine();
}

void CallerTest::TearDown() {
  if (shelter_) {
    const Strings left = leftovers();
    EXPECT_THAT(left, testing::IsEmpty()) << "left behind when all containers had been removed";
    // Process 1 of the private world means by this every process but itself.
    if (!left.empty()) ::kill(-1, SIGKILL);
    wait_for_helpers();
    stop_engine();
    shelter_.reset();
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator("/sys/fs/cgroup" + cgroup_parent(), absent)) {
      if (is_engines_own(entry.path())) ::rmdir(entry.path().c_str());
    }
  }
  ContainerTest::TearDown();
}

fs::path CallerTest::image_archive() {
  const fs::path archive = home() / "image.tar";
  if (fs::exists(archive)) return archive;
  const fs::path root = home() / "image";
  expect_done(command({"cp", "-a", NACRE_ROOTFS_BUSYBOX, root}).run());
  fs::copy_file(Bundle(home() / "bundle").rootfs() / "probe", root / "probe");
  write_program(root / "not-executable", "#!/bin/sh\n", fs::perms(0644));
  write_program(root / "bad-interpreter", "#!/nowhere/sh\n", fs::perms(0755));
  expect_done(
      command({NACRE_SOURCE_DIR "/tests/integration/callers/make-image", root, archive, kImage})
          .run());
  fs::remove_all(root);
  return archive;
}

Command CallerTest::command(const Strings& argv) const {
  Command command(argv);
  command.env("HOME", home()).env("TMPDIR", home() / "tmp").unset_env("XDG_RUNTIME_DIR");
  return command;
}

void CallerTest::compare(const std::function<void(Transcript&)>& scenario) {
  Transcript ours(runtime_path());
  Transcript reference("runc");
  for (Transcript* transcript : {&ours, &reference}) {
    SCOPED_TRACE("with " + transcript->runtime());
    scenario(*transcript);
  }
  EXPECT_TRUE(ours.lines() == reference.lines()) << difference(ours, reference);
}

Strings CallerTest::leftovers() const {
  Strings left;
  for (const auto& mount : shelter_->foreign_mounts()) {
    if (!is_engines_own(mount)) left.push_back("mount on " + mount);
  }
  for (const auto& folder : state_folders()) {
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(folder, absent)) {
      left.push_back("state " + entry.path().string());
    }
  }
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator("/sys/fs/cgroup" + cgroup_parent(), absent)) {
    if (entry.is_directory() && !is_engines_own(entry.path())) {
      left.push_back("cgroup " + entry.path().string());
    }
  }
  return left;
}

Strings polite_service() {
  return shell(
      "trap 'echo stopping; exit 3' TERM; echo ready; while :; do sleep 3600 & wait $!; done");
}

Strings stubborn_service() { return shell("trap '' TERM; echo ready; exec sleep 3600"); }

namespace {

std::string without_line(const std::string& screen, const std::string& text) {
  std::string kept;
  std::istringstream lines(screen);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(text) == std::string::npos) kept += line + "\n";
  }
  return kept;
}

// A size goes to the container by a request of its own, for which the callers of Debian 12 try a
// few times within a part of a second and then give up: on a slow machine it gets lost, with any
// runtime. A person would pull at the window again.
std::string resize_until(Terminal& terminal, WindowSize size, std::string_view text) {
  constexpr auto kPatience = std::chrono::seconds(5);
  const auto deadline = std::chrono::steady_clock::now() + time_limit();
  while (std::chrono::steady_clock::now() < deadline) {
    terminal.resize(size);
    if (auto seen = terminal.screen().until_within(text, kPatience)) return *std::move(seen);
    terminal.resize({.rows = size.rows, .columns = static_cast<unsigned short>(size.columns + 1)});
  }
  return terminal.screen().until(text);
}

}  // namespace

void play_window_watcher(Transcript& transcript, const InTerminal& in_terminal) {
  constexpr WindowSize kFirst{.rows = 31, .columns = 97};
  constexpr WindowSize kSecond{.rows = 41, .columns = 123};
  Terminal terminal(kFirst);
  Running running = terminal.start(in_terminal(window_watcher(kFirst, kSecond)));
  std::string screen = resize_until(terminal, kFirst, "first");
  screen += resize_until(terminal, kSecond, "second");
  screen += terminal.screen().rest();
  Outcome outcome = running.wait();
  // Podman passes the signal of the resize on to a container that may have ended by then, and shows
  // what the runtime says of that; whether it does is a matter of moments, whatever the runtime.
  outcome.out = without_line(screen, "container not running");
  EXPECT_EQ(outcome.exit_code, 5) << describe(outcome);
  EXPECT_THAT(screen, testing::HasSubstr("second"));
  transcript.note("window", std::move(outcome));
}

void play_interrupt(Transcript& transcript, const InTerminal& in_terminal) {
  Terminal terminal({.rows = 24, .columns = 80});
  Running running = terminal.start(in_terminal({"/probe", "tty", "wait-signal", "exit", "6"}));
  const Report report = Report::parse(terminal.screen().until("ready"));
  terminal.type("\x03");
  const std::string rest = terminal.screen().rest();
  const Outcome outcome = running.wait();
  EXPECT_EQ(outcome.exit_code, 6) << describe(outcome);
  // Docker 20.10 may lose what is written just before the end, with any runtime: then only the echo
  // is there, and the exit status alone says that the signal came.
  if (rest.find("\"verb\"") != std::string::npos) {
    EXPECT_THAT(rest, testing::HasSubstr("\"signal\":" + std::to_string(SIGINT)));
  }
  json tty = report["tty"];
  EXPECT_EQ(tty["controlling"], true) << tty;
  EXPECT_EQ(tty["foreground"], true) << tty;
  // The size comes a little later than the command, by a request of its own.
  tty.erase("rows");
  tty.erase("columns");
  transcript.note_text("terminal", tty.dump());
}

}  // namespace nacre::test
