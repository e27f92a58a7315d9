// Streams that tell how far they have got and that can be stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "images/stream/stream.h"

namespace nacre::images {

using Told = std::function<void(std::uint64_t)>;  // bytes so far; may be empty

class WatchedSource final : public Source {
 public:
  WatchedSource(Source& source, const Told& told, const std::stop_token& stop)
      : source_(source), told_(told), stop_(stop) {}
  [[nodiscard]] Result<std::size_t> read(Buffer into) override {
    if (stop_.stop_requested()) return fail(Error(ErrorCode::kCancelled, "cancelled"));
    const std::size_t got = NACRE_TRY(source_.read(into));
    done_ += got;
    if (told_) told_(done_);
    return got;
  }

 private:
  Source& source_;
  const Told& told_;
  const std::stop_token& stop_;
  std::uint64_t done_ = 0;
};

class WatchedSink final : public Sink {
 public:
  WatchedSink(Sink& sink, const Told& told, const std::stop_token& stop)
      : sink_(sink), told_(told), stop_(stop) {}
  [[nodiscard]] Result<void> write(Bytes bytes) override {
    if (stop_.stop_requested()) return fail(Error(ErrorCode::kCancelled, "cancelled"));
    NACRE_TRY(sink_.write(bytes));
    done_ += bytes.size();
    if (told_) told_(done_);
    return {};
  }
  [[nodiscard]] Result<void> finish() override { return sink_.finish(); }

 private:
  Sink& sink_;
  const Told& told_;
  const std::stop_token& stop_;
  std::uint64_t done_ = 0;
};

}  // namespace nacre::images
