#include "images/stream/input.h"

#include <algorithm>
#include <cstring>

namespace nacre::images {
namespace {

// Below that, one call of the source for many small pieces is cheaper than sparing the copy.
constexpr std::size_t kDirect = std::size_t{64} << 10U;

}  // namespace

BufferedInput::BufferedInput(Source& source)
    : source_(source), buffer_(std::make_unique_for_overwrite<std::byte[]>(kCapacity)) {}

void BufferedInput::make_room(std::size_t size) {
  if (start_ == end_) {
    start_ = end_ = 0;
  } else if (start_ + size > kCapacity) {
    std::memmove(buffer_.get(), buffer_.get() + start_, held());
    end_ -= start_;
    start_ = 0;
  }
}

Result<bool> BufferedInput::fill() {
  if (ended_) return false;
  const std::size_t got = NACRE_TRY(source_.read(Buffer(buffer_.get() + end_, kCapacity - end_)));
  ended_ = got == 0;
  end_ += got;
  return !ended_;
}

Result<Bytes> BufferedInput::peek(std::size_t size) {
  if (held() < size) {
    make_room(size);
    while (held() < size && NACRE_TRY(fill())) {
    }
  }
  return held_bytes().first(std::min(size, held()));
}

Result<Bytes> BufferedInput::peek_some() {
  if (held() == 0) {
    make_room(1);
    static_cast<void>(NACRE_TRY(fill()));  // its end is seen by what is held
  }
  return held_bytes();
}

Result<std::size_t> BufferedInput::read(Buffer into) {
  if (held() == 0 && into.size() >= kDirect && !ended_) {
    const std::size_t got = NACRE_TRY(source_.read(into));
    ended_ = got == 0;
    offset_ += got;
    return got;
  }
  const Bytes held = NACRE_TRY(peek_some());
  const std::size_t size = std::min(into.size(), held.size());
  if (size > 0) std::memcpy(into.data(), held.data(), size);
  consume(size);
  return size;
}

Result<std::uint64_t> BufferedInput::skip(std::uint64_t size) {
  std::uint64_t skipped = 0;
  while (skipped < size) {
    const Bytes held = NACRE_TRY(peek_some());
    if (held.empty()) break;
    const std::size_t step = std::min<std::uint64_t>(held.size(), size - skipped);
    consume(step);
    skipped += step;
  }
  return skipped;
}

}  // namespace nacre::images
