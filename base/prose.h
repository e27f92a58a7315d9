// Running text laid out for help pages, manuals and completions. Pure; bytes are taken for columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::text {

// The text broken at blanks into lines of at most `width` bytes; a longer word stands alone.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);

// Paragraphs are divided by an empty line; one that begins with a blank is an example, kept as it
// is.
[[nodiscard]] std::vector<std::string_view> paragraphs(std::string_view description);

struct Row {
  std::string left;
  std::string_view right;
};

struct Columns {
  std::size_t total = 80;
  std::size_t indent = 0;
  std::size_t gap = 2;          // between the widest left text and the right one
  std::size_t widest_left = 0;  // what is longer does not widen the left column
};

// Two columns; where the left text is too long for its column the right one begins on its own line.
void append_rows(std::string& out, const std::vector<Row>& rows, const Columns& columns);

// For man(7): a backslash is \e, a minus that must stay one is \-, and a line must not begin with .
// or '.
[[nodiscard]] std::string for_man(std::string_view raw);

// A word in single quotes: for a POSIX shell, and for fish, which knows \' inside of them.
[[nodiscard]] std::string shell_quoted(std::string_view raw);
[[nodiscard]] std::string fish_quoted(std::string_view raw);

}  // namespace nacre::text
