#include "tests/support/command.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace nacre::test {
namespace {

using Clock = std::chrono::steady_clock;

int milliseconds_until(Clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::max<long>(left, 0));
}

bool wait_readable(int fd, Clock::time_point deadline) {
  for (;;) {
    pollfd entry{fd, POLLIN, 0};
    const int rc = ::poll(&entry, 1, milliseconds_until(deadline));
    if (rc > 0) return true;
    if (rc == 0 || errno != EINTR) return false;
  }
}

UniqueFd capture_file(const char* name) { return UniqueFd(::memfd_create(name, MFD_CLOEXEC)); }

std::string content_of(int fd) {
  std::string text;
  std::array<char, 65536> chunk{};
  for (;;) {
    const ssize_t n = ::pread(fd, chunk.data(), chunk.size(), static_cast<off_t>(text.size()));
    if (n <= 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(n));
  }
}

UniqueFd open_pidfd(pid_t pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

int status_of(const siginfo_t& info) {
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> list;
  for (auto& entry : strings) list.push_back(entry.data());
  list.push_back(nullptr);
  return list;
}

// Moves every descriptor above the numbers the child will use, so that none is overwritten before
// it has been copied; then puts each under its number.
void arrange(const std::map<int, int>& wanted) {
  std::map<int, int> parked;
  const int floor = wanted.empty() ? 3 : wanted.rbegin()->first + 1;
  for (const auto& [as, fd] : wanted) parked[as] = ::fcntl(fd, F_DUPFD_CLOEXEC, floor);
  for (const auto& [as, fd] : parked) {
    if (fd < 0 || ::dup2(fd, as) < 0) ::_exit(125);
  }
}

}  // namespace

std::chrono::milliseconds time_limit() {
  const char* factor = std::getenv("NACRE_TEST_TIME_FACTOR");
  const int times = factor == nullptr ? 1 : std::max(1, std::atoi(factor));
  return std::chrono::seconds(60) * times;
}

std::string describe(const Outcome& outcome) {
  std::string text = "command:";
  for (const auto& arg : outcome.argv) text += " " + (arg.empty() ? "''" : arg);
  text += "\nexit status: " + std::to_string(outcome.exit_code);
  if (outcome.timed_out) text += " (killed: it did not end in time)";
  return text + "\nstdout: " + outcome.out + "\nstderr: " + outcome.err;
}

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) ADD_FAILURE() << "pipe2: " << std::strerror(errno);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Reader::Step Reader::read_some(Clock::time_point deadline) {
  if (!wait_readable(fd_.get(), deadline)) return Step::kTimeout;
  std::array<char, 65536> chunk{};
  const ssize_t n = ::read(fd_.get(), chunk.data(), chunk.size());
  if (n <= 0) return Step::kEnd;
  pending_.append(chunk.data(), static_cast<std::size_t>(n));
  return Step::kMore;
}

std::optional<std::string> Reader::take_line_with(std::string_view text) {
  const auto at = pending_.find(text);
  const auto end = at == std::string::npos ? at : pending_.find('\n', at);
  if (end == std::string::npos) return std::nullopt;
  std::string head = pending_.substr(0, end + 1);
  pending_.erase(0, end + 1);
  return head;
}

std::optional<std::string> Reader::until_within(std::string_view text,
                                                std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  for (;;) {
    if (auto head = take_line_with(text)) return head;
    if (read_some(deadline) != Step::kMore) return std::nullopt;
  }
}

std::string Reader::until(std::string_view text) {
  const auto deadline = Clock::now() + time_limit();
  for (;;) {
    if (auto head = take_line_with(text)) return *std::move(head);
    const Step step = read_some(deadline);
    if (step == Step::kMore) continue;
    ADD_FAILURE() << (step == Step::kEnd ? "the stream ended" : "time was up") << " before \""
                  << text << "\" came; read so far: \"" << pending_ << '"';
    return std::exchange(pending_, {});
  }
}

std::string Reader::rest() {
  const auto deadline = Clock::now() + time_limit();
  for (;;) {
    const Step step = read_some(deadline);
    if (step == Step::kTimeout) {
      ADD_FAILURE() << "the stream did not end; somebody still holds its other end. Read so far: \""
                    << pending_ << '"';
    }
    if (step != Step::kMore) return std::exchange(pending_, {});
  }
}

Running::Running(std::vector<std::string> argv, pid_t pid, UniqueFd pidfd, UniqueFd out,
                 UniqueFd err)
    : argv_(std::move(argv)),
      pid_(pid),
      pidfd_(std::move(pidfd)),
      out_(std::move(out)),
      err_(std::move(err)) {}

Running::Running(Running&& other) noexcept
    : argv_(std::move(other.argv_)),
      pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)) {}

Running::~Running() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Running::send(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

bool Running::finished() const {
  pollfd entry{pidfd_.get(), POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1;
}

Outcome Running::wait() {
  Outcome outcome{.argv = argv_, .out = {}, .err = {}};
  if (!wait_for_end(pidfd_.get())) {
    outcome.timed_out = true;
    ::kill(pid_, SIGKILL);
  }
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  outcome.exit_code = status_of(info);
  outcome.signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
  outcome.out = out();
  outcome.err = err();
  if (outcome.timed_out) ADD_FAILURE() << describe(outcome);
  return outcome;
}

std::string Running::out() const { return out_ ? content_of(out_.get()) : std::string(); }
std::string Running::err() const { return err_ ? content_of(err_.get()) : std::string(); }

Command& Command::stdin_text(std::string_view text) {
  stdin_ = capture_file("stdin");
  const ssize_t n = ::write(stdin_.get(), text.data(), text.size());
  EXPECT_EQ(n, static_cast<ssize_t>(text.size()));
  ::lseek(stdin_.get(), 0, SEEK_SET);
  return stdin_fd(stdin_.get());
}

std::vector<std::string> Command::environment() const {
  std::vector<std::string> all;
  for (char** entry = environ; !clear_env_ && *entry != nullptr; ++entry) {
    const std::string_view pair = *entry;
    if (!env_.contains(std::string(pair.substr(0, pair.find('='))))) all.emplace_back(pair);
  }
  for (const auto& [name, value] : env_) {
    if (value) all.push_back(name + "=" + *value);
  }
  return all;
}

Running Command::start() {
  auto wanted = fds_;
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  UniqueFd out, err;
  if (!wanted.contains(0)) wanted[0] = null.get();
  if (!wanted.contains(1)) {
    out = capture_file("stdout");
    wanted[1] = out.get();
  }
  if (!wanted.contains(2)) {
    err = capture_file("stderr");
    wanted[2] = err.get();
  }
  auto env = environment();
  auto argv = argv_;
  const auto argv_pointers = pointers(argv);
  const auto env_pointers = pointers(env);
  const pid_t pid = ::fork();
  if (pid == 0) {
    // As containerd does: whoever drives the runtime takes it along when it dies.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    arrange(wanted);
    if (!cwd_.empty() && ::chdir(cwd_.c_str()) != 0) ::_exit(125);
    if (before_exec_) before_exec_();
    ::execvpe(argv_pointers[0], argv_pointers.data(), env_pointers.data());
    static_cast<void>(
        ::dprintf(2, "cannot execute %s: %s\n", argv_pointers[0], std::strerror(errno)));
    ::_exit(125);
  }
  EXPECT_GT(pid, 0) << "fork: " << std::strerror(errno);
  return {argv_, pid, open_pidfd(pid), std::move(out), std::move(err)};
}

Outcome Command::run() { return start().wait(); }

bool wait_for_end(int pidfd) { return wait_readable(pidfd, Clock::now() + time_limit()); }

int reap(pid_t pid) {
  const UniqueFd pidfd = open_pidfd(pid);
  if (!pidfd || !wait_for_end(pidfd.get())) {
    ADD_FAILURE() << "process " << pid << " did not end in time, or is none of ours";
    return -1;
  }
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED) != 0) {
    ADD_FAILURE() << "waitid of process " << pid << ": " << std::strerror(errno);
    return -1;
  }
  return status_of(info);
}

}  // namespace nacre::test
