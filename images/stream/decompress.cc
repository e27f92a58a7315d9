#include "images/stream/decompress.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/text.h"
#include "images/stream/codecs.h"
#include "images/stream/input.h"
#include "images/stream/memory.h"

namespace nacre::images {
namespace {

struct Magic {
  std::string_view bytes;
  Compression compression;
  const char* refused;  // not null: known, and not read here
};

// bzip2 and xz are found in archives of docker's early years.
constexpr Magic kMagics[] = {
    {"\x1F\x8B", Compression::kGzip, nullptr},
    {"\x28\xB5\x2F\xFD", Compression::kZstd, nullptr},
    {std::string_view("\xFD\x37zXZ\0", 6), Compression::kNone, "xz"},
    {"\x04\x22\x4D\x18", Compression::kNone, "lz4"},
};

// "BZh", the block size, and the first block's magic (or the end's, of an empty stream): a file
// name may well start with "BZh".
bool is_bzip2(std::string_view start) {
  return start.starts_with("BZh") && start.size() >= 10 &&
         (start.substr(4, 6) == "\x31\x41\x59\x26\x53\x59" ||
          start.substr(4, 6) == "\x17\x72\x45\x38\x50\x90");
}

// 0x184D2A50 to 0x184D2A5F, little endian (RFC 8878, 3.1.2).
bool is_skippable_frame(std::string_view start) {
  return start.size() >= 4 && (static_cast<unsigned char>(start[0]) & 0xF0U) == 0x50 &&
         start.substr(1, 3) == "\x2A\x4D\x18";
}

Error refused(std::string_view name) {
  return unsupported(
      text::join("the stream is compressed with ", name, "; gzip and zstd are supported"));
}

class PlainDecoder final : public Source {
 public:
  explicit PlainDecoder(BufferedInput& input) : input_(input) {}
  Result<std::size_t> read(Buffer into) override { return input_.read(into); }

 private:
  BufferedInput& input_;
};

class Decompressor final : public Source {
 public:
  Decompressor(Source& source, const DecompressOptions& options)
      : input_(source), options_(options) {}

  Result<Compression> open() {
    const Bytes start = NACRE_TRY(input_.peek(kMagicBytes));
    const Compression compression = NACRE_TRY(detect_compression(start));
    decoder_ = NACRE_TRY(make_decoder(compression));
    return compression;
  }

  Result<std::size_t> read(Buffer into) override {
    const std::size_t got = NACRE_TRY(decoder_->read(into));
    total_ += got;
    NACRE_TRY(check_expansion());
    return got;
  }

 private:
  Result<std::unique_ptr<Source>> make_decoder(Compression compression) {
    switch (compression) {
      case Compression::kGzip:
        return make_gzip_decoder(input_);
      case Compression::kZstd:
        return make_zstd_decoder(input_, options_.zstd_window_log);
      default:
        return std::make_unique<PlainDecoder>(input_);
    }
  }

  [[nodiscard]] Result<void> check_expansion() const {
    if (total_ > options_.max_bytes)
      return fail(Error(ErrorCode::kResourceExhausted,
                        text::join("the stream has more than the ", options_.max_bytes,
                                   " bytes that are allowed")));
    const std::uint64_t in = input_.offset();
    if (options_.max_ratio == 0 || total_ <= options_.ratio_grace) return {};
    if (total_ / options_.max_ratio <= in) return {};
    return fail(Error(ErrorCode::kResourceExhausted,
                      text::join(in, " compressed bytes became ", total_, ", more than ",
                                 options_.max_ratio, " times as many")));
  }

  BufferedInput input_;
  DecompressOptions options_;
  std::unique_ptr<Source> decoder_;
  std::uint64_t total_ = 0;
};

}  // namespace

Result<Compression> detect_compression(Bytes start) {
  const std::string_view bytes = as_text(start);
  const auto* const found = std::ranges::find_if(
      kMagics, [&](const Magic& magic) { return bytes.starts_with(magic.bytes); });
  if (found != std::end(kMagics)) {
    if (found->refused != nullptr) return fail(refused(found->refused));
    return found->compression;
  }
  if (is_bzip2(bytes)) return fail(refused("bzip2"));
  return is_skippable_frame(bytes) ? Compression::kZstd : Compression::kNone;
}

Result<Decompressed> decompress(Source& source, const DecompressOptions& options) {
  auto made = std::make_unique<Decompressor>(source, options);
  const Compression compression = NACRE_TRY(made->open());
  return Decompressed{compression, std::move(made)};
}

}  // namespace nacre::images
