// gzip (ISA-L) and zstd as sinks. The same bytes and options give the same output: no time, name or
// host gets in. ISA-L picks its code by processor and promises nothing about its output across
// kinds of them or versions; who needs the very bytes again keeps the blob.
//
// finish() writes the end of the stream and finishes the sink below. Not thread-safe.
#pragma once

#include <memory>

#include "images/stream/decompress.h"
#include "images/stream/stream.h"

namespace nacre::images {

struct CompressOptions {
  // gzip: 0 to 3, ISA-L's own scale. zstd: 1 to 19. -1: 2 and 3.
  int level = -1;
  // zstd only: threads beside the caller's. Any number but 0 gives the same output, 0 another one.
  unsigned threads = 0;
};

// kNone passes on what comes. `to` is borrowed and must outlive the result. invalid_argument: a
// level that does not exist.
[[nodiscard]] Result<std::unique_ptr<Sink>> compress(Sink& to, Compression compression,
                                                     const CompressOptions& options = {});

}  // namespace nacre::images
