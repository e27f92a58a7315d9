// Starting programs and waiting for them, with a bound on the time and what they said kept.
//
// Times out by killing the process through its pidfd and failing the test with a sentence; the
// bound is generous (time_limit()), because no test may depend on how long something takes.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace nacre::test {

// 60 s, times the environment variable NACRE_TEST_TIME_FACTOR (an emulated machine is slow).
std::chrono::milliseconds time_limit();

struct Outcome {
  std::vector<std::string> argv;
  int exit_code = -1;  // as a shell shows it: 128 + signal when killed by one
  int signal = 0;      // 0: it exited by itself
  bool timed_out = false;
  std::string out;
  std::string err;

  bool ok() const { return exit_code == 0; }
};
// What a test prints when an assertion about an outcome fails.
std::string describe(const Outcome& outcome);

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};
Pipe make_pipe();

// Reads what a process writes into a pipe or terminal as it comes.
class Reader {
 public:
  explicit Reader(UniqueFd fd) : fd_(std::move(fd)) {}
  // Everything up to the end of the line with `text` in it; fails the test (and returns what came)
  // on end of file or when time is up.
  std::string until(std::string_view text);
  // The same, or nothing when `patience` is over: then what came is kept for the next call.
  std::optional<std::string> until_within(std::string_view text,
                                          std::chrono::milliseconds patience);
  // Everything up to the end of the stream; fails the test when time is up. EIO, which a terminal
  // gives once its last user is gone, is an end too.
  std::string rest();
  int fd() const { return fd_.get(); }

 private:
  enum class Step { kMore, kEnd, kTimeout };
  Step read_some(std::chrono::steady_clock::time_point deadline);
  // What has come, up to the end of the line with `text` in it.
  std::optional<std::string> take_line_with(std::string_view text);
  UniqueFd fd_;
  std::string pending_;
};

// A started process. Destroying it kills and reaps what has not been waited for.
class Running {
 public:
  Running(std::vector<std::string> argv, pid_t pid, UniqueFd pidfd, UniqueFd out, UniqueFd err);
  Running(Running&& other) noexcept;
  Running& operator=(Running&&) = delete;
  ~Running();

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }
  void send(int signal) const;
  void disown() { pid_ = -1; }  // somebody else has reaped it
  bool finished() const;        // without waiting
  Outcome wait();
  // What was captured so far; containers made by `create` go on writing after it returned.
  std::string out() const;
  std::string err() const;

 private:
  std::vector<std::string> argv_;
  pid_t pid_;
  UniqueFd pidfd_;
  UniqueFd out_;
  UniqueFd err_;
};

class Command {
 public:
  explicit Command(std::vector<std::string> argv) : argv_(std::move(argv)) {}

  Command& arg(std::string value) {
    argv_.push_back(std::move(value));
    return *this;
  }
  Command& stdin_text(std::string_view text);
  Command& stdin_fd(int fd) { return pass_fd(fd, 0); }
  Command& stdout_fd(int fd) { return pass_fd(fd, 1); }
  Command& stderr_fd(int fd) { return pass_fd(fd, 2); }
  // The child gets `fd` under the number `as`. The caller keeps its own until run() or start().
  Command& pass_fd(int fd, int as) {
    fds_[as] = fd;
    return *this;
  }
  Command& env(std::string name, std::string value) {
    env_[std::move(name)] = std::move(value);
    return *this;
  }
  Command& unset_env(std::string name) {
    env_[std::move(name)] = std::nullopt;
    return *this;
  }
  Command& clear_env() {
    clear_env_ = true;
    return *this;
  }
  Command& cwd(std::string path) {
    cwd_ = std::move(path);
    return *this;
  }
  // Runs in the child, after its descriptors are in place and right before exec.
  Command& before_exec(std::function<void()> action) {
    before_exec_ = std::move(action);
    return *this;
  }
  const std::vector<std::string>& argv() const { return argv_; }

  Running start();
  Outcome run();

 private:
  std::vector<std::string> environment() const;
  std::vector<std::string> argv_;
  std::map<std::string, std::optional<std::string>> env_;
  bool clear_env_ = false;
  std::map<int, int> fds_;  // number in the child -> ours
  UniqueFd stdin_;
  std::string cwd_;
  std::function<void()> before_exec_;
};

// Waits until a process that is not ours to reap has ended, through a pidfd; false: time is up.
bool wait_for_end(int pidfd);
// Reaps a child (a container's init is one: the tests run as the reaper of their pid namespace)
// and gives its exit status as a shell shows it; fails the test when time is up.
int reap(pid_t pid);

}  // namespace nacre::test
