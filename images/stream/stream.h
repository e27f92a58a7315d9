// Bytes in motion. Everything that reads, inflates, hashes, unpacks or sends is a source or a sink,
// in chunks of some 64 KiB to 1 MiB, so that a virtual call costs nothing that can be measured.
//
// Not thread-safe: one owner at a time; pipe.h carries bytes from one thread to another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace nacre::images {

using Bytes = std::span<const std::byte>;
using Buffer = std::span<std::byte>;

inline constexpr std::size_t kChunk = std::size_t{256} << 10U;

class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;
  // At least one byte unless the stream has ended: 0 is the end, and stays the end. `into` must not
  // be empty. After an error the source is of no more use.
  [[nodiscard]] virtual Result<std::size_t> read(Buffer into) = 0;
};

class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;
  // Takes all of it or fails. After an error the sink is of no more use.
  [[nodiscard]] virtual Result<void> write(Bytes bytes) = 0;
  // Flushes what is held back (a compressor's end, a buffer). Nothing may be written afterwards.
  [[nodiscard]] virtual Result<void> finish() = 0;
};

// Everything from `source` into `sink`, without finish(); the number of bytes.
[[nodiscard]] Result<std::uint64_t> copy(Source& source, Sink& sink);
// Reads until `into` is full or the stream ends; how much came.
[[nodiscard]] Result<std::size_t> read_full(Source& source, Buffer into);
// The rest of the stream as text; more than `limit` bytes is kResourceExhausted.
[[nodiscard]] Result<std::string> read_text(Source& source, std::size_t limit);

}  // namespace nacre::images
