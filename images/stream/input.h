// A source with one buffer, for readers of formats: headers are looked at where they lie, data goes
// past the buffer where it can.
//
// Not thread-safe. Errors are those of the source.
#pragma once

#include <memory>

#include "images/stream/stream.h"

namespace nacre::images {

class BufferedInput {
 public:
  static constexpr std::size_t kCapacity = kChunk;

  // `source` is borrowed and must outlive this.
  explicit BufferedInput(Source& source);

  // The next `size` bytes (at most kCapacity) in one piece, fewer only at the end of the stream.
  // They stay where they are until the next call that reads.
  [[nodiscard]] Result<Bytes> peek(std::size_t size);
  // At least one byte of what comes next, unless the stream has ended.
  [[nodiscard]] Result<Bytes> peek_some();
  // What is there without reading.
  [[nodiscard]] Bytes held_bytes() const { return {buffer_.get() + start_, held()}; }
  // Passes over bytes that were peeked at.
  void consume(std::size_t size) {
    start_ += size;
    offset_ += size;
  }

  // As Source::read. Pieces of 64 KiB and more are read by the source right into `into`.
  [[nodiscard]] Result<std::size_t> read(Buffer into);
  // How many bytes were passed over: fewer than `size` only at the end of the stream.
  [[nodiscard]] Result<std::uint64_t> skip(std::uint64_t size);

  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  [[nodiscard]] std::size_t held() const { return end_ - start_; }
  void make_room(std::size_t size);
  [[nodiscard]] Result<bool> fill();

  Source& source_;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t start_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  // of start_, in the stream
  bool ended_ = false;
};

}  // namespace nacre::images
