// Runs a host program to its end, found in the runtime's PATH.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace nacre::setup {

// Standard streams are inherited, nothing else. An error when it cannot be run or does not end with
// status 0; the sentence names the program.
[[nodiscard]] Result<void> run_program(const std::vector<std::string>& arguments);

}  // namespace nacre::setup
