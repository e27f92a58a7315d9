#include <isa-l.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/text.h"
#include "images/stream/codecs.h"
#include "images/stream/gzip_header.h"

namespace nacre::images {
namespace {

// Every call of the library moves its window of 32 KiB about, so it gets no small pieces: neither
// to read (unless the stream ends) nor to fill.
constexpr std::size_t kLeastInput = std::size_t{32} << 10U;
constexpr std::size_t kLeastOutput = std::size_t{64} << 10U;

const char* reason(int code) {
  switch (code) {
    case ISAL_INVALID_BLOCK:
      return "a block is none of deflate's, or its codes are not a code";
    case ISAL_INVALID_SYMBOL:
      return "a symbol is not in the code";
    case ISAL_INVALID_LOOKBACK:
      return "a repetition starts before the data";
    case ISAL_INCORRECT_CHECKSUM:
      return "checksum or length of the data do not match";
    default:
      return "it cannot be decoded";
  }
}

std::uint32_t fitting(std::size_t size) {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(size, std::numeric_limits<std::uint32_t>::max() / 2));
}

class GzipDecoder final : public Source {
 public:
  explicit GzipDecoder(BufferedInput& input)
      : input_(input), state_(std::make_unique<inflate_state>()) {
    isal_inflate_init(state_.get());
    // The header is taken here, the trailer (checksum and length) by the library.
    state_->crc_flag = ISAL_GZIP_NO_HDR_VER;
  }

  Result<std::size_t> read(Buffer into) override {
    if (rest_.empty() && into.size() >= kLeastOutput) return decode(into);
    if (rest_.empty()) {
      if (small_ == nullptr) small_ = std::make_unique_for_overwrite<std::byte[]>(kChunk);
      rest_ = Bytes(small_.get(), NACRE_TRY(decode(Buffer(small_.get(), kChunk))));
    }
    const std::size_t size = std::min(into.size(), rest_.size());
    if (size > 0) std::memcpy(into.data(), rest_.data(), size);
    rest_ = rest_.subspan(size);
    return size;
  }

 private:
  enum class At : std::uint8_t { kHeader, kData, kBehindMember, kEnd };

  Result<std::size_t> decode(Buffer into) {
    auto got = step(into);
    if (got) return got;
    return fail(std::move(got).error().with_context(text::join("gzip, byte ", input_.offset())));
  }

  Result<std::size_t> step(Buffer into) {
    for (;;) {
      switch (at_) {
        case At::kHeader:
          NACRE_TRY(take_gzip_header(input_));
          at_ = At::kData;
          break;
        case At::kData: {
          const std::size_t got = NACRE_TRY(inflate(into));
          if (state_->block_state == ISAL_BLOCK_FINISH) at_ = At::kBehindMember;
          if (got > 0) return got;
          break;
        }
        case At::kBehindMember:
          NACRE_TRY(look_behind_member());
          break;
        case At::kEnd:
          return 0;
      }
    }
  }

  // All that is held, but not little.
  Result<Bytes> peek_input() {
    if (input_.held_bytes().size() < kLeastInput)
      static_cast<void>(NACRE_TRY(input_.peek(kLeastInput)));
    return input_.held_bytes();
  }

  // 0 without the member's end: more input was taken.
  Result<std::size_t> inflate(Buffer into) {
    // Where the output was full, more may come of what the library already has.
    const Bytes in = full_ ? input_.held_bytes() : NACRE_TRY(peek_input());
    if (in.empty() && !full_) return fail(invalid_argument("the stream ends inside a member"));
    const std::uint32_t given = fitting(in.size());
    const std::uint32_t wanted = fitting(into.size());
    // The library's interface lacks a const.
    state_->next_in = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(in.data()));
    state_->avail_in = given;
    state_->next_out = reinterpret_cast<std::uint8_t*>(into.data());
    state_->avail_out = wanted;
    const int code = isal_inflate(state_.get());
    input_.consume(given - state_->avail_in);
    if (code < 0) return fail(invalid_argument(reason(code)));
    full_ = state_->avail_out == 0;
    return wanted - state_->avail_out;
  }

  Result<void> look_behind_member() {
    const Bytes next = NACRE_TRY(input_.peek_some());
    if (next.empty()) {
      at_ = At::kEnd;
      return {};
    }
    if (next[0] == std::byte{0}) return expect_zeros();
    isal_inflate_reset(state_.get());
    full_ = false;
    at_ = At::kHeader;
    return {};
  }

  // tapes and some uploaders fill the last block
  Result<void> expect_zeros() {
    for (;;) {
      const Bytes next = NACRE_TRY(input_.peek_some());
      if (next.empty()) {
        at_ = At::kEnd;
        return {};
      }
      const auto other = std::ranges::find_if(next, [](std::byte b) { return b != std::byte{0}; });
      input_.consume(static_cast<std::size_t>(other - next.begin()));
      if (other != next.end())
        return fail(invalid_argument("what follows the zeros behind the last member is not zero"));
    }
  }

  BufferedInput& input_;
  std::unique_ptr<inflate_state> state_;
  At at_ = At::kHeader;
  bool full_ = false;                   // the last call filled its output
  std::unique_ptr<std::byte[]> small_;  // for reads of small pieces
  Bytes rest_;                          // what they have not got of it yet
};

}  // namespace

Result<std::unique_ptr<Source>> make_gzip_decoder(BufferedInput& input) {
  return std::make_unique<GzipDecoder>(input);
}

}  // namespace nacre::images
