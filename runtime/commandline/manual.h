// docs/man/nacre-runtime.8, made from the table. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "runtime/commandline/command.h"

namespace nacre::commandline {

// The page in the man(7) macro language.
std::string manual_page(std::string_view program, std::span<const CommandSpec> table);

}  // namespace nacre::commandline
