#include <zstd.h>
#include <zstd_errors.h>

#include "base/text.h"
#include "images/stream/codecs.h"

namespace nacre::images {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
using Context = std::unique_ptr<ZSTD_DCtx, FreeContext>;

Error zstd_error(std::size_t code, unsigned window_log) {
  switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_frameParameter_windowTooLarge:
      return {ErrorCode::kResourceExhausted,
              text::join("a frame asks for a window of more than 2^", window_log, " bytes")};
    case ZSTD_error_memory_allocation:
      return {ErrorCode::kResourceExhausted, "there is not enough memory for a frame's window"};
    case ZSTD_error_prefix_unknown:
      return invalid_argument("what follows is not a frame");
    default:
      return invalid_argument(ZSTD_getErrorName(code));
  }
}

class ZstdDecoder final : public Source {
 public:
  ZstdDecoder(BufferedInput& input, Context context, unsigned window_log)
      : input_(input), context_(std::move(context)), window_log_(window_log) {}

  Result<std::size_t> read(Buffer into) override {
    auto got = step(into);
    if (got) return got;
    return fail(std::move(got).error().with_context(text::join("zstd, byte ", input_.offset())));
  }

 private:
  Result<std::size_t> step(Buffer into) {
    for (;;) {
      // Where the output was full, more may come of what the library already has.
      const Bytes in = full_ ? input_.held_bytes() : NACRE_TRY(input_.peek_some());
      if (in.empty() && !full_) {
        if (!in_frame_) return 0;
        return fail(invalid_argument("the stream ends inside a frame"));
      }
      const std::size_t got = NACRE_TRY(decode(in, into));
      if (got > 0) return got;
    }
  }

  Result<std::size_t> decode(Bytes in, Buffer into) {
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{into.data(), into.size(), 0};
    const std::size_t code = ZSTD_decompressStream(context_.get(), &to, &from);
    input_.consume(from.pos);
    if (ZSTD_isError(code) != 0) return fail(zstd_error(code, window_log_));
    in_frame_ = code != 0;  // 0: a frame is complete and all of it is out
    full_ = in_frame_ && to.pos == to.size;
    return to.pos;
  }

  BufferedInput& input_;
  Context context_;
  unsigned window_log_;
  bool in_frame_ = true;
  bool full_ = false;
};

}  // namespace

Result<std::unique_ptr<Source>> make_zstd_decoder(BufferedInput& input, unsigned window_log) {
  Context context(ZSTD_createDCtx());
  if (context == nullptr)
    return fail(Error(ErrorCode::kResourceExhausted, "zstd: there is not enough memory"));
  const std::size_t code =
      ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, static_cast<int>(window_log));
  if (ZSTD_isError(code) != 0)
    return fail(invalid_argument(
        text::join("zstd: a window of 2^", window_log, " bytes: ", ZSTD_getErrorName(code))));
  return std::make_unique<ZstdDecoder>(input, std::move(context), window_log);
}

}  // namespace nacre::images
