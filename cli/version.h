// `nacre version`.
#pragma once

#include "cli/commandline/command.h"

namespace nacre::cli {

[[nodiscard]] CommandSpec version_command();
[[nodiscard]] std::string version_line();  // "nacre version 0.1.0, commit ..."

}  // namespace nacre::cli
