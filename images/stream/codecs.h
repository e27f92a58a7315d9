// The decoders behind decompress(). They read from an input that they share with it.
#pragma once

#include <memory>

#include "images/stream/input.h"

namespace nacre::images {

[[nodiscard]] Result<std::unique_ptr<Source>> make_gzip_decoder(BufferedInput& input);
[[nodiscard]] Result<std::unique_ptr<Source>> make_zstd_decoder(BufferedInput& input,
                                                                unsigned window_log);

}  // namespace nacre::images
