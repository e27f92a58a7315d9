// Runs a program as a benchmark must: the calling process does nothing else meanwhile, and what it
// measures is the program's, not its own.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace nacre::bench {

struct Usage {
  double wall_us = 0;
  double user_us = 0;
  double system_us = 0;
  long max_rss_kib = 0;
  int status = 0;      // as a shell gives it: 128 + n for signal n
  std::string errors;  // the end of its standard error

  // One after the other: times add up, memory does not.
  Usage& operator+=(const Usage& next);
};

// kShare: vfork, which costs the same for all callers; a child that shares the memory of this
// process counts that memory as its own peak. kCopy: fork, for measuring the peak.
enum class Start { kShare, kCopy };

using Command = std::vector<std::string>;

// Standard input and output are /dev/null. The usage includes children that the program waited for.
// Throws std::system_error if it cannot be executed.
Usage run(const Command& command, Start start = Start::kShare);

// run(), for what must work: throws std::runtime_error with the command and its standard error.
Usage run_well(const Command& command, Start start = Start::kShare);

// The first line that it prints.
std::string first_line_of(const Command& command);

// For a process that has come to this one as to a subreaper: waits for its end. Only its
// processor time and peak memory are its own; the wall time is what was waited here.
Usage wait_for(pid_t pid);

}  // namespace nacre::bench
