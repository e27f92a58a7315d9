// What the standard streams are, and writing to them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace nacre::cli {

inline constexpr FdRef kStandardInput{0};
inline constexpr FdRef kStandardOutput{1};
inline constexpr FdRef kStandardError{2};

[[nodiscard]] bool is_terminal(FdRef fd);
struct TerminalSize {
  std::size_t rows = 24, columns = 80;
};
[[nodiscard]] TerminalSize terminal_size(FdRef fd);
// The width that a table on standard output may take; 0: no terminal, as wide as it gets.
[[nodiscard]] std::size_t output_width();
// A terminal that is not dumb, and NO_COLOR is not set.
[[nodiscard]] bool may_colour(FdRef fd);

// All of it; an error names standard output (no space left, a terminal that is gone).
[[nodiscard]] Result<void> print(std::string_view text);
// The same of what could be rendered, and the status 0.
[[nodiscard]] Result<int> print_and_succeed(Result<std::string> text);
// To standard error. What cannot be said there can be said nowhere.
void say(std::string_view text);

}  // namespace nacre::cli
