// The header of a gzip member (RFC 1952, 2.3), every optional field included.
#pragma once

#include "images/stream/input.h"

namespace nacre::images {

// Takes it off `input`, which stands at its first byte. Extra field, name and comment are passed
// over; name and comment may have 64 KiB each. invalid_argument: cut off, no gzip, another method
// than deflate, reserved flags, a wrong header checksum.
[[nodiscard]] Result<void> take_gzip_header(BufferedInput& input);

}  // namespace nacre::images
