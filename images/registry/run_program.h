// Runs a program to its end: input from memory, output into memory, no shell, bounded in time.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace nacre::images::registry {

struct ProgramRequest {
  std::string path;               // executed as it is
  std::vector<std::string> args;  // argv, args[0] included
  std::vector<std::string> env;   // the whole environment
  std::string input;              // standard input
  int timeout_ms = 0;             // then SIGKILL
};

struct ProgramEnd {
  bool timed_out = false;
  int exit_status = -1;  // -1: ended by a signal
  std::string output;    // the first 64 KiB of standard output; the rest is dropped
};

// An error when it could not be started. The program gets descriptors 0, 1 and 2, the last one from
// this process; no blocked and no ignored signals. May be called from any thread.
[[nodiscard]] Result<ProgramEnd> run_program(const ProgramRequest& request);

}  // namespace nacre::images::registry
