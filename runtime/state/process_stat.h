// /proc/<pid>/stat, as far as it tells one process from a later one of the same number.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace nacre::state {

struct ProcessStat {
  char state = '\0';             // 'R' 'S' 'D' 'T' 'Z' 'X' ...
  std::uint64_t start_time = 0;  // clock ticks after boot
};

// The command's name may hold blanks and parentheses: fields are counted from the last ')'
// (proc(5)).
Result<ProcessStat> parse_stat(std::string_view line);
// kNotFound when there is no such process.
Result<ProcessStat> read_stat(int pid);

}  // namespace nacre::state
