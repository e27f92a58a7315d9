// There and back, and that nothing of the moment gets into what is written.
#include "images/stream/compress.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "images/stream/filters.h"
#include "tests/unit/images_stream/streams.h"

namespace nacre::images {
namespace {

using testing::HasSubstr;

Result<std::string> squeeze(std::string_view text, Compression kind,
                            const CompressOptions& options = {}, std::size_t piece = 1 << 20) {
  MemorySink out;
  const auto sink = NACRE_TRY(compress(out, kind, options));
  for (std::size_t at = 0; at < text.size(); at += piece)
    NACRE_TRY(sink->write(as_bytes(text.substr(at, piece))));
  NACRE_TRY(sink->finish());
  return out.take();
}

TEST(CompressTest, EveryLevelThereAndBack) {
  const std::string text = mixed_text(150'000, 14);
  for (const Compression kind : {Compression::kGzip, Compression::kZstd}) {
    const bool gzip = kind == Compression::kGzip;
    for (int level = gzip ? 0 : 1; level <= (gzip ? 3 : 19); ++level) {
      const auto squeezed = squeeze(text, kind, {.level = level});
      ASSERT_TRUE(squeezed) << level;
      EXPECT_LT(squeezed->size(), text.size() * 3 / 4);
      EXPECT_EQ(inflate(*squeezed), (Outcome{text, {}})) << level;
    }
  }
}

TEST(CompressTest, SizesAroundEverything) {
  for (const std::size_t size :
       std::vector<std::size_t>{0, 1, 2, 511, 512, 513, 32767, 32768, 65535, 65536, 65537}) {
    const std::string text = mixed_text(size, 15);
    for (const Compression kind : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
      const auto squeezed = squeeze(text, kind);
      ASSERT_TRUE(squeezed);
      EXPECT_EQ(inflate(*squeezed), (Outcome{text, {}})) << size;
    }
  }
}

TEST(CompressTest, NoiseThatGrowsInsteadOfShrinking) {
  std::mt19937 random(16);
  std::string noise(3'000'000, '\0');
  for (char& c : noise) c = static_cast<char>(random() & 0xFFU);
  for (const Compression kind : {Compression::kGzip, Compression::kZstd}) {
    const auto squeezed = squeeze(noise, kind);
    ASSERT_TRUE(squeezed);
    EXPECT_EQ(inflate(*squeezed), (Outcome{noise, {}}));
  }
}

TEST(CompressTest, TheSameBytesGiveTheSameBytes) {
  const std::string text = mixed_text(2'000'000, 17);
  for (const Compression kind : {Compression::kGzip, Compression::kZstd}) {
    const auto first = squeeze(text, kind);
    const auto second = squeeze(text, kind);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(*first, *second);
    const auto pieces = squeeze(text, kind, {}, 777);
    ASSERT_TRUE(pieces);
    EXPECT_EQ(inflate(*pieces), (Outcome{text, {}}));
  }
}

TEST(CompressTest, ThreadsDoNotShow) {
  const std::string text = mixed_text(5'000'000, 18);
  const auto one = squeeze(text, Compression::kZstd, {.level = 1, .threads = 1});
  const auto three = squeeze(text, Compression::kZstd, {.level = 1, .threads = 3});
  ASSERT_TRUE(one && three);
  EXPECT_EQ(*one, *three);
  EXPECT_EQ(inflate(*one), (Outcome{text, {}}));
}

TEST(CompressTest, TheGzipHeaderSaysNothing) {
  const auto squeezed = squeeze("text", Compression::kGzip);
  ASSERT_TRUE(squeezed);
  const std::string_view header("\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\xFF", 10);
  EXPECT_EQ(squeezed->substr(0, 10), header);
}

TEST(CompressTest, LevelsThatDoNotExist) {
  for (const auto& [kind, level] :
       {std::pair(Compression::kGzip, 4), std::pair(Compression::kGzip, -2),
        std::pair(Compression::kZstd, 20), std::pair(Compression::kZstd, 0)}) {
    const auto squeezed = squeeze("x", kind, {.level = level});
    ASSERT_FALSE(squeezed);
    EXPECT_EQ(squeezed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(squeezed.error().message(), HasSubstr("level " + std::to_string(level)));
  }
}

TEST(CompressTest, AFullSinkIsReported) {
  const std::string text = mixed_text(3'000'000, 19);
  for (const Compression kind : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
    MemorySink small(1000);
    auto sink = compress(small, kind);
    ASSERT_TRUE(sink);
    const auto written = (*sink)->write(as_bytes(text));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), ErrorCode::kResourceExhausted);
  }
}

// What the programs that everybody has make of it.
TEST(CompressTest, OtherProgramsReadIt) {
  namespace fs = std::filesystem;
  const fs::path path = fs::path(testing::TempDir()) / ("nacre-z-" + std::to_string(::getpid()));
  const std::string text = mixed_text(500'000, 20);
  for (const auto& [kind, program] :
       {std::pair(Compression::kGzip, "gzip -dc"), std::pair(Compression::kZstd, "zstd -dcq")}) {
    const auto squeezed = squeeze(text, kind);
    ASSERT_TRUE(squeezed);
    std::ofstream(path, std::ios::binary) << *squeezed;
    const std::string command = std::string(program) + " < " + path.string();
    FILE* out = ::popen(command.c_str(), "r");
    ASSERT_NE(out, nullptr);
    std::string back(text.size() + 1, '\0');
    back.resize(::fread(back.data(), 1, back.size(), out));
    EXPECT_EQ(::pclose(out), 0) << program;
    EXPECT_TRUE(back == text) << program;
  }
  fs::remove(path);
}

}  // namespace
}  // namespace nacre::images
