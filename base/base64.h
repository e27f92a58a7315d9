// RFC 4648, section 4: the alphabet with + and /, padded with =.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nacre::base64 {

[[nodiscard]] std::string encode(std::string_view raw);

// Nothing unless `text` is exactly what encode() makes of some bytes: no blanks, no line ends, no
// missing padding, no stray bits in the last digit. So one content has one spelling.
[[nodiscard]] std::optional<std::string> decode(std::string_view text);

}  // namespace nacre::base64
