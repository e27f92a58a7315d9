// The encoders behind compress().
#pragma once

#include <memory>

#include "images/stream/compress.h"

namespace nacre::images {

[[nodiscard]] Result<std::unique_ptr<Sink>> make_gzip_encoder(Sink& to, int level);
[[nodiscard]] Result<std::unique_ptr<Sink>> make_zstd_encoder(Sink& to, int level,
                                                              unsigned threads);

}  // namespace nacre::images
