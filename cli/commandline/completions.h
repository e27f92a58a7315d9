// Completion scripts for bash, zsh and fish, made from the table. Pure.
#pragma once

#include <string>

#include "cli/commandline/command.h"

namespace nacre::cli {

[[nodiscard]] std::string bash_completion(const CommandTable& table);
[[nodiscard]] std::string zsh_completion(const CommandTable& table);
[[nodiscard]] std::string fish_completion(const CommandTable& table);

}  // namespace nacre::cli
