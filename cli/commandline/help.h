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
// The text broken at blanks into lines of at most `width` bytes; a longer word stands alone.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);
// Paragraphs are divided by an empty line; one that begins with a blank is an example, kept as it
// is.
[[nodiscard]] std::vector<std::string_view> paragraphs(std::string_view description);
// The word behind "image " in "image ls".
[[nodiscard]] std::string_view last_word(std::string_view name);
// Whether the command's own name is in the group.
[[nodiscard]] bool is_in(const CommandSpec& command, const GroupSpec& group);

}  // namespace nacre::cli
