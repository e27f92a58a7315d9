#include "images/stream/ring.h"

#include <algorithm>
#include <utility>

namespace nacre::images::detail {

Ring::Ring(std::size_t chunks, std::size_t chunk_bytes)
    : chunk_bytes_(std::max<std::size_t>(chunk_bytes, 1)),
      chunks_(std::max<std::size_t>(chunks, 1)) {
  for (Chunk& chunk : chunks_)
    chunk.bytes = std::make_unique_for_overwrite<std::byte[]>(chunk_bytes_);
}

Result<Buffer> Ring::take_free() {
  std::unique_lock lock(mutex_);
  writer_may_go_.wait(lock, [&] { return reader_error_ || full_ < chunks_.size(); });
  if (reader_error_) return fail(*reader_error_);
  return Buffer(chunks_[(first_ + full_) % chunks_.size()].bytes.get(), chunk_bytes_);
}

void Ring::hand_over(std::size_t size) {
  const std::lock_guard lock(mutex_);
  chunks_[(first_ + full_) % chunks_.size()].size = size;
  ++full_;
  reader_may_go_.notify_one();
}

void Ring::end(std::optional<Error> error) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  ended_ = true;
  writer_error_ = std::move(error);
  reader_may_go_.notify_one();
}

Result<void> Ring::check_open() {
  const std::lock_guard lock(mutex_);
  if (reader_error_) return fail(*reader_error_);
  return {};
}

Result<Bytes> Ring::take_full() {
  std::unique_lock lock(mutex_);
  reader_may_go_.wait(lock, [&] { return full_ > 0 || ended_ || reader_error_; });
  if (reader_error_) return fail(*reader_error_);
  if (full_ > 0) return Bytes(chunks_[first_].bytes.get(), chunks_[first_].size);
  if (writer_error_) return fail(*writer_error_);
  end_taken_ = true;
  return Bytes{};
}

void Ring::give_back() {
  const std::lock_guard lock(mutex_);
  first_ = (first_ + 1) % chunks_.size();
  --full_;
  writer_may_go_.notify_one();
}

void Ring::close(Error error) {
  const std::lock_guard lock(mutex_);
  // Who leaves after the end has given nothing up: the writer may still be on his way out.
  if (!reader_error_ && !end_taken_) reader_error_ = std::move(error);
  writer_may_go_.notify_one();
}

}  // namespace nacre::images::detail
