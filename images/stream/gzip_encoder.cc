#include <isa-l.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "images/stream/encoders.h"

namespace nacre::images {
namespace {

constexpr std::array<std::uint32_t, 4> kLevelMemory = {
    ISAL_DEF_LVL0_DEFAULT, ISAL_DEF_LVL1_DEFAULT, ISAL_DEF_LVL2_DEFAULT, ISAL_DEF_LVL3_DEFAULT};
constexpr std::size_t kOutput = std::size_t{64} << 10U;
constexpr std::size_t kMostAtOnce = std::numeric_limits<std::uint32_t>::max() / 2;

class GzipEncoder final : public Sink {
 public:
  GzipEncoder(Sink& to, int level) : to_(to), stream_(std::make_unique<isal_zstream>()) {
    isal_deflate_init(stream_.get());
    const std::uint32_t memory = kLevelMemory.at(static_cast<std::size_t>(level));
    level_memory_ = std::make_unique<std::uint8_t[]>(memory);
    stream_->level = static_cast<std::uint32_t>(level);
    stream_->level_buf = level_memory_.get();
    stream_->level_buf_size = memory;
    stream_->gzip_flag = IGZIP_GZIP;  // a header without time, name or system
    stream_->flush = NO_FLUSH;
  }

  Result<void> write(Bytes bytes) override {
    while (!bytes.empty()) {
      const Bytes piece = bytes.first(std::min(bytes.size(), kMostAtOnce));
      NACRE_TRY(deflate(piece));
      bytes = bytes.subspan(piece.size());
    }
    return {};
  }

  Result<void> finish() override {
    stream_->end_of_stream = 1;
    while (stream_->internal_state.state != ZSTATE_END) NACRE_TRY(deflate({}));
    NACRE_TRY(flush());
    return to_.finish();
  }

 private:
  // All of `bytes` goes in; what comes out is passed on whenever the buffer is full.
  Result<void> deflate(Bytes bytes) {
    // The library's interface lacks a const.
    stream_->next_in =
        const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(bytes.data()));
    stream_->avail_in = static_cast<std::uint32_t>(bytes.size());
    do {
      stream_->next_out = output_.data() + filled_;
      stream_->avail_out = static_cast<std::uint32_t>(output_.size() - filled_);
      const int code = isal_deflate(stream_.get());
      if (code != COMP_OK)
        return fail(internal_error(text::join("gzip: the library fails with code ", code)));
      filled_ = output_.size() - stream_->avail_out;
      if (filled_ == output_.size()) NACRE_TRY(flush());
    } while (stream_->avail_in > 0);
    return {};
  }

  Result<void> flush() {
    if (filled_ > 0) NACRE_TRY(to_.write(std::as_bytes(std::span(output_).first(filled_))));
    filled_ = 0;
    return {};
  }

  Sink& to_;
  std::unique_ptr<isal_zstream> stream_;
  std::unique_ptr<std::uint8_t[]> level_memory_;
  std::array<std::uint8_t, kOutput> output_;
  std::size_t filled_ = 0;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_gzip_encoder(Sink& to, int level) {
  return std::make_unique<GzipEncoder>(to, level);
}

}  // namespace nacre::images
