// Unicode's table of well-formed byte sequences (no overlong forms, no surrogates, up to U+10FFFF).
#pragma once

#include <cstddef>
#include <string_view>

namespace nacre::json {

// Length in bytes (1..4) of the well-formed character at the front, 0 if there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view bytes);

// Offset of the first byte that is not part of a well-formed character; npos if all are.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view bytes);

}  // namespace nacre::json
