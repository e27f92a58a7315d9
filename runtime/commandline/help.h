// Help pages, made from the table. At most 80 columns wide. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/commandline/command.h"

namespace nacre::commandline {

inline constexpr std::string_view kProgramSummary = "Open Container Initiative runtime";

std::string program_help(std::string_view program, std::string_view version,
                         std::span<const CommandSpec> table);
std::string command_help(std::string_view program, const CommandSpec& command);

// "--bundle DIR, -b DIR" as it stands in help and manual.
std::string flag_usage(const FlagSpec& flag);

}  // namespace nacre::commandline
