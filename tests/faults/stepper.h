// Runs a program from system call to system call and kills it after the n-th.
#pragma once

#include <optional>
#include <vector>

#include "tests/support/command.h"

namespace nacre::test {

struct Steps {
  int taken = 0;            // system calls that completed
  long last_call = -1;      // number of the last one
  std::vector<long> calls;  // numbers of all that completed
  bool killed = false;      // false: the program came to its end before
  int exit_code = -1;       // as a shell shows it
};

// Starts the command under ptrace and lets it complete `limit` system calls, then sends SIGKILL;
// without a limit it runs to its end. Only the first process is stepped: what it forks runs free.
// The command's standard streams are /dev/null.
Steps run_steps(Command command, std::optional<int> limit);

// The steps at which to kill a program that makes `total` system calls: every one of them, or
// samples of about `samples` spread over all.
std::vector<int> steps_to_try(int total, int samples);

}  // namespace nacre::test
