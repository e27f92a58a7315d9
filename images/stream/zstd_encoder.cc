#include <zstd.h>

#include "base/text.h"
#include "images/stream/encoders.h"

namespace nacre::images {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
using Context = std::unique_ptr<ZSTD_CCtx, FreeContext>;

Result<std::size_t> check(std::size_t code) {
  if (ZSTD_isError(code) == 0) return code;
  return fail(internal_error(text::join("zstd: ", ZSTD_getErrorName(code))));
}

Result<void> set(const Context& context, ZSTD_cParameter parameter, int value) {
  const auto code = check(ZSTD_CCtx_setParameter(context.get(), parameter, value));
  if (!code) return std::unexpected(code.error());
  return {};
}

class ZstdEncoder final : public Sink {
 public:
  ZstdEncoder(Sink& to, Context context)
      : to_(to),
        context_(std::move(context)),
        output_(std::make_unique_for_overwrite<std::byte[]>(ZSTD_CStreamOutSize())) {}

  Result<void> write(Bytes bytes) override {
    ZSTD_inBuffer from{bytes.data(), bytes.size(), 0};
    while (from.pos < from.size) static_cast<void>(NACRE_TRY(step(from, ZSTD_e_continue)));
    return {};
  }

  Result<void> finish() override {
    ZSTD_inBuffer from{nullptr, 0, 0};
    while (NACRE_TRY(step(from, ZSTD_e_end)) != 0) {
    }
    return to_.finish();
  }

 private:
  Result<std::size_t> step(ZSTD_inBuffer& from, ZSTD_EndDirective directive) {
    ZSTD_outBuffer to{output_.get(), ZSTD_CStreamOutSize(), 0};
    const std::size_t left =
        NACRE_TRY(check(ZSTD_compressStream2(context_.get(), &to, &from, directive)));
    if (to.pos > 0) NACRE_TRY(to_.write(Bytes(output_.get(), to.pos)));
    return left;
  }

  Sink& to_;
  Context context_;
  std::unique_ptr<std::byte[]> output_;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_zstd_encoder(Sink& to, int level, unsigned threads) {
  Context context(ZSTD_createCCtx());
  if (context == nullptr)
    return fail(Error(ErrorCode::kResourceExhausted, "zstd: there is not enough memory"));
  NACRE_TRY(set(context, ZSTD_c_compressionLevel, level));
  NACRE_TRY(set(context, ZSTD_c_checksumFlag, 1));
  if (threads > 0) NACRE_TRY(set(context, ZSTD_c_nbWorkers, static_cast<int>(threads)));
  return std::make_unique<ZstdEncoder>(to, std::move(context));
}

}  // namespace nacre::images
