// What was compressed as it was: gzip (ISA-L, in this process) and zstd, told apart by their magic.
//
// The whole stream must be what it claims to be, to its last byte: members and frames one after the
// other (pigz, eStargz, zstd:chunked), skippable zstd frames, zeros behind the last gzip member;
// anything else there is an error. Checksums and lengths are checked. The source is read to its
// end, so a hash over it covers all of it. Errors are invalid_argument and name the byte of the
// compressed stream.
//
// Not thread-safe.
#pragma once

#include <limits>
#include <memory>

#include "images/stream/stream.h"

namespace nacre::images {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd };

// Exceeding one of these is kResourceExhausted.
struct DecompressOptions {
  std::uint64_t max_bytes = std::numeric_limits<std::uint64_t>::max();  // of the output
  // Output bytes per input byte, from `ratio_grace` bytes of output on; 0: any. Deflate cannot
  // exceed 1032; what people pack rarely exceeds 100.
  std::uint64_t max_ratio = 0;
  std::uint64_t ratio_grace = std::uint64_t{64} << 20U;
  // The memory that a zstd frame may ask for: as much as the zstd program grants unasked.
  unsigned zstd_window_log = 27;
};

inline constexpr std::size_t kMagicBytes = 10;
// By the first bytes, up to kMagicBytes of them. unsupported: xz, bzip2, lz4, which are no layer
// compression of the image-spec. What is not known is kNone: a tar archive has no magic in front.
[[nodiscard]] Result<Compression> detect_compression(Bytes start);

struct Decompressed {
  Compression compression = Compression::kNone;
  std::unique_ptr<Source> source;
};
// Reads the first bytes to see what it is. `source` is borrowed and must outlive the result.
[[nodiscard]] Result<Decompressed> decompress(Source& source,
                                              const DecompressOptions& options = {});

}  // namespace nacre::images
