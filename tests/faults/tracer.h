// Follows all threads of a program through the system calls that change something, and interferes
// at one of them: kills the program after it, lets it fail instead of carrying it out, or holds the
// program there while somebody else looks.
//
// What stepper.h does for programs of one thread, which it follows through every call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/command.h"

namespace nacre::test {

struct TracedCall {
  long number = -1;
  std::string target;  // the file: a path, or what a descriptor stands for

  [[nodiscard]] std::string text() const;  // "fsync /a/b"
};

struct Interference {
  enum class Kind { kKill, kFail, kHold };
  Kind kind = Kind::kKill;
  int at = 0;                    // which of the calls, from 1
  int error = 0;                 // kFail: what the call returns, an errno
  std::function<void()> action;  // kHold: called before the call is carried out, all else goes on
};

struct Traced {
  std::vector<TracedCall> calls;  // in the order in which they ended; the last one is `at`
  bool reached = false;           // the call was made
  int exit_code = -1;             // as a shell shows it
  std::string out, err;
};

// Calls are counted among all threads from the first flock on (a store begins with one; what a
// program does to get started is its own business), and only those on files. `watched` are the
// numbers of the system calls; what they are is for the caller to say.
Traced trace(Command command, const std::vector<long>& watched,
             const std::optional<Interference>& interference = {});

// What changes something outside of the process: after any other call it is as before it.
const std::vector<long>& changing_calls();

// `samples` of the numbers from 1 to `total`, spread over all, a random one of each stretch; the
// seed is printed, or taken from NACRE_FAULTS_SEED. All of them in the suites labelled "long".
std::vector<int> sampled_steps(int total, int samples);

}  // namespace nacre::test
