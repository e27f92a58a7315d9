// Values of flags that create, run and exec share.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/commandline/command.h"

namespace nacre::commands {

// Absolute, as seen from the working directory; empty when the flag is absent.
[[nodiscard]] Result<std::string> read_path(const commandline::Arguments& arguments,
                                            std::string_view flag);
// 0..1024; 0 when the flag is absent.
[[nodiscard]] Result<int> read_count(const commandline::Arguments& arguments,
                                     std::string_view flag);

}  // namespace nacre::commands
