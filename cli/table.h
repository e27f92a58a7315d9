// Every command of the program.
#pragma once

#include "cli/commandline/command.h"

namespace nacre::cli {

[[nodiscard]] const CommandTable& command_table();

}  // namespace nacre::cli
