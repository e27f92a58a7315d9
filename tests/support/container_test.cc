#include "tests/support/container_test.h"

#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sstream>

namespace nacre::test {
namespace {

namespace fs = std::filesystem;

std::string random_token() {
  std::array<unsigned char, 5> bytes{};
  EXPECT_EQ(::getrandom(bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  std::string token = "nt";
  for (const unsigned char byte : bytes) {
    std::array<char, 3> hex{};
    static_cast<void>(std::snprintf(hex.data(), hex.size(), "%02x", byte));
    token += hex.data();
  }
  return token;
}

fs::path make_work_dir() {
  const char* base = std::getenv("NACRE_TEST_TMP");
  std::string pattern = std::string(base != nullptr ? base : "/tmp") + "/nacre-it-XXXXXX";
  EXPECT_NE(::mkdtemp(pattern.data()), nullptr) << std::strerror(errno);
  // Users other than root must be able to reach a root filesystem in it.
  ::chmod(pattern.c_str(), 0755);
  return pattern;
}

std::string log_path(const Outcome& outcome) {
  for (std::size_t i = 0; i + 1 < outcome.argv.size(); ++i) {
    if (outcome.argv[i] == "--log") return outcome.argv[i + 1];
  }
  return {};
}

std::string comm_of(pid_t pid) {
  std::string name = read_text("/proc/" + std::to_string(pid) + "/comm");
  while (name.ends_with('\n')) name.pop_back();
  return name;
}

bool only_processes(const std::vector<std::string>& entries) {
  for (const auto& entry : entries) {
    if (!entry.starts_with("process ")) return false;
  }
  return true;
}

// Deepest first, as rmdir wants it.
void remove_cgroup_tree(const fs::path& dir) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(dir, ignored)) {
    if (entry.is_directory(ignored)) remove_cgroup_tree(entry.path());
  }
  ::rmdir(dir.c_str());
}

}  // namespace

void ContainerTest::SetUp() {
  if (!in_private_world()) GTEST_SKIP() << "needs root: containers are made in this test";
  work_ = make_work_dir();
  places_ = {.token = random_token(),
             .state_root = work_ / "state",
             .temp = work_ / "temp",
             .run = "/run"};
  fs::create_directories(places_.temp);
  fs::create_directories(work_ / "logs");
  before_ = take_inventory(places_);
}

void ContainerTest::TearDown() {
  if (work_.empty()) return;
  for (const auto& id : ids_) {
    if (!fs::exists(state_root() / id)) continue;
    const Outcome outcome = runtime({"delete", "--force", id}).run();
    EXPECT_TRUE(outcome.ok()) << describe(outcome);
  }
  expect_nothing_left();
  remove_cgroup_tree("/sys/fs/cgroup" + cgroup_parent());
  std::error_code ignored;
  fs::remove_all(work_, ignored);
}

fs::path ContainerTest::cgroup_dir(const std::string& id) const {
  return "/sys/fs/cgroup" + cgroup_parent() + "/" + id;
}

Bundle& ContainerTest::bundle() {
  if (default_bundle_ == nullptr) default_bundle_ = &new_bundle("bundle");
  return *default_bundle_;
}

Bundle& ContainerTest::new_bundle(const std::string& name) {
  bundles_.push_back(std::make_unique<Bundle>(work_ / name));
  return *bundles_.back();
}

std::string ContainerTest::new_id(const std::string& suffix) {
  ids_.push_back(places_.token + "-" + suffix + std::to_string(next_id_++));
  return ids_.back();
}

Command ContainerTest::bare_runtime(std::vector<std::string> args) {
  args.insert(args.begin(), runtime_path());
  Command command(std::move(args));
  command.env("TMPDIR", places_.temp).env("XDG_RUNTIME_DIR", places_.temp);
  return command;
}

Command ContainerTest::runtime(std::vector<std::string> args) {
  const fs::path log = work_ / "logs" / ("log" + std::to_string(next_log_++) + ".json");
  const std::vector<std::string> global = {"--root", state_root(),   "--log",
                                           log,      "--log-format", "json"};
  args.insert(args.begin(), global.begin(), global.end());
  return bare_runtime(std::move(args));
}

void ContainerTest::prepare(Bundle& bundle, const std::string& id) {
  const json as_written = bundle.config();
  if (bundle.config()["linux"].is_object() && !bundle.linux_section().contains("cgroupsPath")) {
    bundle.linux_section()["cgroupsPath"] = cgroup_parent() + "/" + id;
  }
  bundle.save();
  bundle.config() = as_written;
}

Outcome ContainerTest::run_bundle(Bundle& bundle, const std::string& id) {
  prepare(bundle, id);
  return runtime({"run", "--bundle", bundle.path(), id}).run();
}

Report ContainerTest::probe(Bundle& bundle, std::vector<std::string> verbs) {
  bundle.probe(std::move(verbs));
  const Outcome outcome = run_bundle(bundle, new_id());
  expect_success(outcome);
  return Report::parse(outcome.out);
}

Report ContainerTest::probe(std::vector<std::string> verbs) {
  return probe(bundle(), std::move(verbs));
}

Container ContainerTest::create(Bundle& bundle, std::vector<std::string> options) {
  Container container{.id = new_id(), .pid = -1, .out = nullptr};
  prepare(bundle, container.id);
  const fs::path pid_file = work_ / (container.id + ".pid");
  std::vector<std::string> args = {"create", "--bundle", bundle.path(), "--pid-file", pid_file};
  args.insert(args.end(), options.begin(), options.end());
  args.push_back(container.id);
  Pipe pipe = make_pipe();
  const Outcome outcome = runtime(args).stdout_fd(pipe.write.get()).run();
  expect_success(outcome);
  container.out = std::make_unique<Reader>(std::move(pipe.read));
  if (outcome.ok()) container.pid = std::atoi(read_text(pid_file).c_str());
  return container;
}

void ContainerTest::start(const Container& container) {
  expect_success(runtime({"start", container.id}).run());
}

Container ContainerTest::launch(std::vector<std::string> verbs) {
  bundle().probe(std::move(verbs));
  Container container = create(bundle());
  start(container);
  return container;
}

Container ContainerTest::launch_idle() {
  Container container = launch({"say", "here", "pause"});
  container.out->until("here");
  return container;
}

void ContainerTest::kill_and_reap(const Container& container) {
  expect_success(runtime({"kill", container.id, "KILL"}).run());
  EXPECT_EQ(reap(container.pid), 128 + SIGKILL);
}

void ContainerTest::remove(const Container& container) {
  expect_success(runtime({"delete", container.id}).run());
}

json ContainerTest::state(const std::string& id) {
  const Outcome outcome = runtime({"state", id}).run();
  expect_success(outcome);
  return json::parse(outcome.out, nullptr, false);
}

Report ContainerTest::exec(const std::string& id, std::vector<std::string> verbs,
                           std::vector<std::string> options) {
  std::vector<std::string> args = {"exec"};
  args.insert(args.end(), options.begin(), options.end());
  args.insert(args.end(), {id, "/probe"});
  args.insert(args.end(), verbs.begin(), verbs.end());
  const Outcome outcome = runtime(args).run();
  expect_success(outcome);
  return Report::parse(outcome.out);
}

void ContainerTest::forget(const std::string& id) { std::erase(ids_, id); }

// Inits of containers become our children once the runtime has left. The runtime's own helpers
// must not: it has to reap what it forks.
void ContainerTest::reap_orphans() {
  std::string known;
  for (const auto& entry : fs::directory_iterator(work_)) {
    if (entry.path().extension() == ".pid") known += " " + read_text(entry.path()) + " ";
  }
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    const std::string name = comm_of(info.si_pid);
    const bool is_container = known.find(" " + std::to_string(info.si_pid) + " ") != known.npos;
    if (!is_peer() && !orphans_expected_ && !is_container && name == runtime_name().substr(0, 15)) {
      ADD_FAILURE() << "the runtime left its process " << info.si_pid << " for others to reap";
    }
    ::waitpid(info.si_pid, nullptr, 0);
  }
}

bool ContainerTest::expect_nothing_left() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  sigset_t child_signal;
  ::sigemptyset(&child_signal);
  ::sigaddset(&child_signal, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child_signal, nullptr);
  std::vector<std::string> left;
  for (;;) {
    reap_orphans();
    left = new_entries(before_, take_inventory(places_));
    std::erase(left, "cgroup /sys/fs/cgroup" + cgroup_parent());
    if (runtime_kind() == RuntimeKind::kCrun) {
      // It keeps a cache in its root, and the cgroup of a container that could not be started.
      std::erase_if(left, [](const std::string& line) {
        return line.ends_with("/.cache") || line.starts_with("cgroup ") || line.ends_with("/crun");
      });
    }
    // A killed process needs a moment until it can be reaped; everything else is gone or is left.
    if (left.empty() || !only_processes(left) || std::chrono::steady_clock::now() > deadline) break;
    const timespec pause{.tv_sec = 0, .tv_nsec = 20'000'000};
    ::sigtimedwait(&child_signal, nullptr, &pause);
  }
  ::sigprocmask(SIG_UNBLOCK, &child_signal, nullptr);
  EXPECT_THAT(left, testing::IsEmpty()) << "left behind by " << runtime_name();
  return left.empty();
}

void ContainerTest::sweep() {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t pid = std::stoi(name);
    if (pid != ::getpid()) ::kill(pid, SIGKILL);
  }
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
  remove_cgroup_tree("/sys/fs/cgroup" + cgroup_parent());
  std::error_code ignored;
  fs::remove_all(state_root(), ignored);
  before_ = take_inventory(places_);
}

void expect_success(const Outcome& outcome) {
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  EXPECT_EQ(outcome.err, "") << describe(outcome);
  if (is_peer()) return;
  const std::string path = log_path(outcome);
  if (path.empty()) return;
  EXPECT_EQ(read_text(path), "") << "a success must log nothing";
}

std::string logged_message(const Outcome& outcome) {
  std::string message;
  std::istringstream lines(read_text(log_path(outcome)));
  for (std::string line; std::getline(lines, line);) {
    const json entry = json::parse(line, nullptr, false);
    if (entry.is_object() && entry.value("level", "") == "error") message = entry.value("msg", "");
  }
  return message;
}

void expect_failure(const Outcome& outcome, int exit_code, std::string_view text) {
  EXPECT_EQ(outcome.exit_code, exit_code) << describe(outcome);
  const std::string message = logged_message(outcome);
  if (runtime_kind() == RuntimeKind::kCrun) return;
  EXPECT_THAT(message, testing::HasSubstr(std::string(text))) << describe(outcome);
  EXPECT_THAT(outcome.err, testing::HasSubstr(std::string(text))) << describe(outcome);
  if (is_peer()) return;
  EXPECT_EQ(outcome.out, "") << describe(outcome);
  const std::string log = read_text(log_path(outcome));
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << "one line per failure: " << log;
  EXPECT_TRUE(log.ends_with('\n')) << log;
  EXPECT_EQ(message.find('\n'), std::string::npos) << "one sentence: " << message;
  const json entry = json::parse(log, nullptr, false);
  ASSERT_TRUE(entry.is_object()) << log;
  EXPECT_EQ(entry.value("level", ""), "error");
  // RFC 3339, or containerd cannot decode the line.
  EXPECT_THAT(entry.value("time", ""),
              testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]"
                                    "+)?(Z|[+-][0-9]{2}:[0-9]{2})"));
}

}  // namespace nacre::test
