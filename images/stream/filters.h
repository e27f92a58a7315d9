// Streams over streams: bounded, counted, doubled. What they stand on is borrowed and must outlive
// them.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "images/stream/stream.h"

namespace nacre::images {

// Exactly `size` bytes, as a descriptor or a Content-Length promised: when the stream ends before,
// and when it goes on behind, the last read is an invalid_argument that names both numbers.
class LimitedSource final : public Source {
 public:
  LimitedSource(Source& source, std::uint64_t size, std::string name)
      : source_(source), size_(size), left_(size), name_(std::move(name)) {}
  [[nodiscard]] Result<std::size_t> read(Buffer into) override;

 private:
  [[nodiscard]] Result<std::size_t> expect_end();

  Source& source_;
  std::uint64_t size_;
  std::uint64_t left_;
  std::string name_;
};

// The first `size` bytes of a stream that may go on; its end before them is the end here as well.
class PrefixSource final : public Source {
 public:
  PrefixSource(Source& source, std::uint64_t size) : source_(source), left_(size) {}
  [[nodiscard]] Result<std::size_t> read(Buffer into) override;
  [[nodiscard]] std::uint64_t left() const { return left_; }

 private:
  Source& source_;
  std::uint64_t left_;
};

class CountingSource final : public Source {
 public:
  explicit CountingSource(Source& source) : source_(source) {}
  [[nodiscard]] Result<std::size_t> read(Buffer into) override;
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  Source& source_;
  std::uint64_t count_ = 0;
};

// More than `limit` bytes is kResourceExhausted, and nothing of what exceeds it is passed on.
class CountingSink final : public Sink {
 public:
  explicit CountingSink(Sink& sink, std::uint64_t limit = std::numeric_limits<std::uint64_t>::max())
      : sink_(sink), limit_(limit) {}
  [[nodiscard]] Result<void> write(Bytes bytes) override;
  [[nodiscard]] Result<void> finish() override { return sink_.finish(); }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  Sink& sink_;
  std::uint64_t limit_;
  std::uint64_t count_ = 0;
};

// What is read is also written to `sink`, which is not finished here.
class TeeSource final : public Source {
 public:
  TeeSource(Source& source, Sink& sink) : source_(source), sink_(sink) {}
  [[nodiscard]] Result<std::size_t> read(Buffer into) override;

 private:
  Source& source_;
  Sink& sink_;
};

// Everything goes to both, first to `first`; so does finish().
class TeeSink final : public Sink {
 public:
  TeeSink(Sink& first, Sink& second) : first_(first), second_(second) {}
  [[nodiscard]] Result<void> write(Bytes bytes) override;
  [[nodiscard]] Result<void> finish() override;

 private:
  Sink& first_;
  Sink& second_;
};

}  // namespace nacre::images
