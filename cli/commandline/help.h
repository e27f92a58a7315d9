// Help pages, made from the table. At most 80 columns wide. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/commandline/command.h"
#include "cli/commandline/parse.h"

namespace nacre::cli {

inline constexpr std::string_view kProgramSummary = "containers and their images";

// The page that the invocation asks for.
[[nodiscard]] std::string help_page(const Invocation& asked, const CommandTable& table);
// What follows the message of a bad line: usage, and where the help is.
[[nodiscard]] std::string usage_hint(const BadLine& bad);

// "-b, --bundle DIR" as it stands in help and manual.
[[nodiscard]] std::string flag_usage(const FlagSpec& flag);
// The word behind "image " in "image ls".
[[nodiscard]] std::string_view last_word(std::string_view name);
// Whether the command's own name is in the group.
[[nodiscard]] bool is_in(const CommandSpec& command, const GroupSpec& group);

}  // namespace nacre::cli
