// The fixture of the tests that need a real cgroup v2: a mount of it that only this process sees,
// and in it one cgroup per test, of a name that nobody else has. Afterwards it must be gone.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cgroups/cgroup.h"

namespace nacre::test {

// Runs `body` in a forked child and gives the text it returns; "(died)" if it does not get so far.
template <class Body>
std::string in_child(Body body);

// A process in a cgroup that waits until it is killed. It dies with the test.
class Sleeper {
 public:
  // Born in the cgroup (CLONE_INTO_CGROUP).
  explicit Sleeper(const cgroups::Cgroup& group);
  // Forks a child and ends, the child does the same, and so on: a pid that is hard to catch.
  static Sleeper runner(const cgroups::Cgroup& group);
  Sleeper(Sleeper&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  ~Sleeper();

  int pid() const { return pid_; }
  // Waits for its end: the signal that killed it, 0 if none did.
  int reap();

 private:
  Sleeper() = default;
  int pid_ = -1;
};

class CgroupsModuleTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  const cgroups::Hierarchy& hierarchy() const { return hierarchy_; }
  // "/nacre-module-<random>" + suffix
  std::string path(const std::string& suffix = "") const { return base_ + suffix; }
  // create() without needs; must succeed.
  cgroups::Cgroup make(const std::string& suffix) const;
  bool exists(const std::string& path) const;
  std::string content(const std::string& path_of_file) const;

 private:
  cgroups::Hierarchy hierarchy_;
  std::string base_;
};

std::string error_of(const Result<void>& result);

int fork_child(int& read_end, int& write_end);
std::string finish_child(int pid, int read_end);
[[noreturn]] void end_child(int write_end, const std::string& text);

template <class Body>
std::string in_child(Body body) {
  int read_end = -1;
  int write_end = -1;
  const int pid = fork_child(read_end, write_end);
  if (pid == 0) end_child(write_end, body());
  return finish_child(pid, read_end);
}

}  // namespace nacre::test
