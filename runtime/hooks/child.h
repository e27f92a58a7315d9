// Runs a program of the host to its end: input from memory, output into memory, bounded in time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace nacre::hooks {

struct ChildRequest {
  std::string path;                  // executed as it is, no search
  std::vector<std::string> args;     // argv, args[0] included
  std::vector<std::string> env;      // the whole environment
  std::string directory;             // working directory; "/" when it cannot be entered
  std::string input;                 // standard input
  std::size_t output_limit = 65536;  // bytes kept of each of the two outputs; the rest is dropped
  std::optional<int> timeout_ms;     // then SIGKILL
};

struct ChildResult {
  bool timed_out = false;
  int exit_status = -1;  // -1: ended by a signal
  int signal = 0;
  std::string output;
  std::string errors;
};

// An error when the program could not be started. The child gets descriptors 0, 1 and 2 and nothing
// else, no blocked and no ignored signals. What it leaves running in the background is not waited
// for. Descriptors 0 to 2 of the caller must be open.
Result<ChildResult> run_child(const ChildRequest& request);

}  // namespace nacre::hooks
