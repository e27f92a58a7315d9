#include "images/stream/compress.h"

#include "base/text.h"
#include "images/stream/encoders.h"

namespace nacre::images {
namespace {

constexpr int kGzipLevels[] = {0, 3};
constexpr int kGzipDefault = 2;
constexpr int kZstdLevels[] = {1, 19};
constexpr int kZstdDefault = 3;

Result<int> choose_level(int level, std::string_view name, const int (&range)[2], int standard) {
  if (level == -1) return standard;
  if (level >= range[0] && level <= range[1]) return level;
  return fail(invalid_argument(
      text::join("level ", level, " of ", name, " is not between ", range[0], " and ", range[1])));
}

class PassSink final : public Sink {
 public:
  explicit PassSink(Sink& to) : to_(to) {}
  Result<void> write(Bytes bytes) override { return to_.write(bytes); }
  Result<void> finish() override { return to_.finish(); }

 private:
  Sink& to_;
};

}  // namespace

Result<std::unique_ptr<Sink>> compress(Sink& to, Compression compression,
                                       const CompressOptions& options) {
  switch (compression) {
    case Compression::kGzip: {
      const int level = NACRE_TRY(choose_level(options.level, "gzip", kGzipLevels, kGzipDefault));
      return make_gzip_encoder(to, level);
    }
    case Compression::kZstd: {
      const int level = NACRE_TRY(choose_level(options.level, "zstd", kZstdLevels, kZstdDefault));
      return make_zstd_encoder(to, level, options.threads);
    }
    default:
      return std::make_unique<PassSink>(to);
  }
}

}  // namespace nacre::images
