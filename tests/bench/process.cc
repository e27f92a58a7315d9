#include "tests/bench/process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

namespace nacre::bench {
namespace {

using Clock = std::chrono::steady_clock;

double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}
double microseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

[[noreturn]] void give_up(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

Usage reap(pid_t pid, Clock::time_point from) {
  int status = 0;
  rusage used = {};
  while (wait4(pid, &status, 0, &used) != pid) {
    if (errno != EINTR) give_up("wait4");
  }
  Usage usage;
  usage.wall_us = microseconds(Clock::now() - from);
  usage.user_us = microseconds(used.ru_utime);
  usage.system_us = microseconds(used.ru_stime);
  usage.max_rss_kib = used.ru_maxrss;
  usage.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return usage;
}

// Reused by all runs: a file in memory that the program writes to.
int error_file() {
  static const int fd = memfd_create("errors", MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0) give_up("memfd_create");
  return fd;
}

std::string read_errors(int fd) {
  std::array<char, 2000> text;
  const off_t size = lseek(fd, 0, SEEK_END);
  const auto wanted = std::min(size, static_cast<off_t>(text.size()));
  const ssize_t got = pread(fd, text.data(), static_cast<std::size_t>(wanted), size - wanted);
  return got > 0 ? std::string(text.data(), static_cast<std::size_t>(got)) : std::string();
}

struct Streams {
  int input, output, errors;
};

[[noreturn]] void become(const char* const* argv, const Streams& to) {
  if (dup2(to.input, 0) == 0 && dup2(to.output, 1) == 1 && dup2(to.errors, 2) == 2) {
    execv(argv[0], const_cast<char* const*>(argv));
  }
  _exit(127);
}

int null_device() {
  static const int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (fd < 0) give_up("/dev/null");
  return fd;
}

std::string shown(const Command& command) {
  std::string text;
  for (const std::string& word : command) text += (text.empty() ? "" : " ") + word;
  return text;
}

Usage run_with(const Streams& streams, const Command& command, Start start) {
  std::vector<const char*> argv;
  for (const std::string& word : command) argv.push_back(word.c_str());
  argv.push_back(nullptr);
  const Clock::time_point from = Clock::now();
  // posix_spawn cannot copy, and the two must differ in nothing else. The child of vfork only calls
  // dup2, execv and _exit.
  // NOLINTBEGIN(bugprone-unsafe-functions,clang-analyzer-unix.Vfork,clang-analyzer-security.insecureAPI.vfork)
  const pid_t pid = start == Start::kShare ? vfork() : fork();
  if (pid == 0) become(argv.data(), streams);
  // NOLINTEND(bugprone-unsafe-functions,clang-analyzer-unix.Vfork,clang-analyzer-security.insecureAPI.vfork)
  if (pid < 0) give_up("fork");
  Usage usage = reap(pid, from);
  if (usage.status == 127) throw std::runtime_error("cannot execute: " + shown(command));
  return usage;
}

}  // namespace

Usage& Usage::operator+=(const Usage& next) {
  wall_us += next.wall_us;
  user_us += next.user_us;
  system_us += next.system_us;
  max_rss_kib = std::max(max_rss_kib, next.max_rss_kib);
  status = next.status;
  errors += next.errors;
  return *this;
}

Usage run(const Command& command, Start start) {
  const int errors = error_file();
  Usage usage = run_with({null_device(), null_device(), errors}, command, start);
  usage.errors = read_errors(errors);
  return usage;
}

std::string first_line_of(const Command& command) {
  const int output = error_file();
  static_cast<void>(run_with({null_device(), output, null_device()}, command, Start::kShare));
  const std::string text = read_errors(output);
  return text.substr(0, text.find('\n'));
}

Usage run_well(const Command& command, Start start) {
  Usage usage = run(command, start);
  if (usage.status == 0) return usage;
  throw std::runtime_error(shown(command) + ": exit status " + std::to_string(usage.status) + "\n" +
                           usage.errors);
}

Usage wait_for(pid_t pid) { return reap(pid, Clock::now()); }

}  // namespace nacre::bench
