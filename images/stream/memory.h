// Streams over memory, for small documents and tests.
#pragma once

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "images/stream/stream.h"

namespace nacre::images {

[[nodiscard]] inline Bytes as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class MemorySource final : public Source {
 public:
  // `bytes` is borrowed and must outlive the source. At most `at_once` bytes come from one read.
  explicit MemorySource(Bytes bytes, std::size_t at_once = std::numeric_limits<std::size_t>::max())
      : rest_(bytes), at_once_(at_once) {}
  explicit MemorySource(std::string_view text,
                        std::size_t at_once = std::numeric_limits<std::size_t>::max())
      : MemorySource(as_bytes(text), at_once) {}

  [[nodiscard]] Result<std::size_t> read(Buffer into) override {
    const std::size_t size = std::min({into.size(), rest_.size(), at_once_});
    if (size == 0) return 0;
    std::memcpy(into.data(), rest_.data(), size);
    rest_ = rest_.subspan(size);
    return size;
  }

 private:
  Bytes rest_;
  std::size_t at_once_;
};

// Keeps what is written; more than `limit` bytes is kResourceExhausted.
class MemorySink final : public Sink {
 public:
  explicit MemorySink(std::size_t limit = std::numeric_limits<std::size_t>::max())
      : limit_(limit) {}
  [[nodiscard]] Result<void> write(Bytes bytes) override;
  [[nodiscard]] Result<void> finish() override { return {}; }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t limit_;
};

// Takes everything and keeps nothing: where only what passes on the way is wanted (a hash, a
// count).
class NullSink final : public Sink {
 public:
  [[nodiscard]] Result<void> write(Bytes) override { return {}; }
  [[nodiscard]] Result<void> finish() override { return {}; }
};

}  // namespace nacre::images
