// Completion scripts for bash, zsh and fish, made from the table. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "runtime/commandline/command.h"

namespace nacre::commandline {

std::string bash_completion(std::string_view program, std::span<const CommandSpec> table);
std::string zsh_completion(std::string_view program, std::span<const CommandSpec> table);
std::string fish_completion(std::string_view program, std::span<const CommandSpec> table);

}  // namespace nacre::commandline
