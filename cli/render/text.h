// Text for terminals: how wide it is, and what is safe to show. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nacre::cli {

// Columns that a terminal takes for UTF-8 text: wide characters two, combining ones none; a byte
// that is no UTF-8 one.
[[nodiscard]] std::size_t display_width(std::string_view text);
// At most `width` columns, with "…" at the end when something is left out.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);
// What comes from images must not steer the terminal: control characters, also those of C1 and
// those that turn the direction of writing, are shown as "\x1b".
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace nacre::cli
