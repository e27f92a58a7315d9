// The output of ps(1), cut down to the lines of some processes. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nacre::commands {

// The heading and the lines whose field under the heading PID is one of `pids`.
Result<std::string> filter_process_table(std::string_view table, const std::vector<int>& pids);

}  // namespace nacre::commands
