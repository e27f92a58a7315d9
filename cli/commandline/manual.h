// docs/man/nacre.1, made from the table. Pure.
#pragma once

#include <string>

#include "cli/commandline/command.h"

namespace nacre::cli {

// The page in the man(7) macro language.
[[nodiscard]] std::string manual_page(const CommandTable& table);

}  // namespace nacre::cli
