// What the first bytes say, and what a stream may grow to.
#include "images/stream/decompress.h"

#include <gmock/gmock.h>

#include "images/stream/compress.h"
#include "tests/unit/images_stream/gzip_members.h"
#include "tests/unit/images_stream/streams.h"

namespace nacre::images {
namespace {

using testing::HasSubstr;

std::optional<Compression> detect(std::string_view start) {
  const auto found = detect_compression(as_bytes(start));
  return found ? std::optional(*found) : std::nullopt;
}

std::string squeeze(std::string_view text, Compression compression) {
  MemorySink out;
  auto sink = compress(out, compression);
  EXPECT_TRUE(sink && (*sink)->write(as_bytes(text)) && (*sink)->finish());
  return out.take();
}

TEST(DetectTest, ByMagic) {
  EXPECT_EQ(detect("\x1F\x8B\x08"), Compression::kGzip);
  EXPECT_EQ(detect("\x28\xB5\x2F\xFD"), Compression::kZstd);
  EXPECT_EQ(detect("\x50\x2A\x4D\x18"), Compression::kZstd);
  EXPECT_EQ(detect("\x5F\x2A\x4D\x18"), Compression::kZstd);
  EXPECT_EQ(detect("etc/passwd"), Compression::kNone);
  EXPECT_EQ(detect(""), Compression::kNone);
  EXPECT_EQ(detect("\x1F"), Compression::kNone);
  EXPECT_EQ(detect("\x28\xB5\x2F"), Compression::kNone);
  EXPECT_EQ(detect("BZh9 is a file name"), Compression::kNone);
}

TEST(DetectTest, WhatIsKnownAndNotSupportedIsNamed) {
  for (const auto& [start, name] :
       {std::pair("\xFD\x37zXZ\0", "xz"), std::pair("BZh91AY&SY", "bzip2"),
        std::pair("\x04\x22\x4D\x18", "lz4")}) {
    MemorySource source(std::string_view(start, name == std::string("xz") ? 6 : strlen(start)));
    const auto opened = decompress(source);
    ASSERT_FALSE(opened) << name;
    EXPECT_EQ(opened.error().code(), ErrorCode::kUnsupported);
    EXPECT_THAT(opened.error().message(), HasSubstr(name));
  }
}

TEST(DecompressTest, PlainPassesUnchangedAndEmptyIsEmpty) {
  const std::string text = mixed_text(1'000'000, 8);
  for (const std::size_t at_once : std::vector<std::size_t>{1000, 1 << 20})
    EXPECT_EQ(inflate(text, {}, at_once), (Outcome{text, {}}));
  EXPECT_EQ(inflate(""), (Outcome{"", {}}));
  EXPECT_EQ(inflate("x", {}, 1, 1), (Outcome{"x", {}}));
}

TEST(DecompressTest, SaysWhatItFound) {
  for (const Compression kind : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
    const std::string squeezed = squeeze("text", kind);
    MemorySource source(squeezed, 1);
    const auto opened = decompress(source);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->compression, kind);
  }
}

TEST(DecompressTest, BytesAreLimited) {
  const std::string text = mixed_text(100'000, 9);
  for (const Compression kind : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
    const std::string squeezed = squeeze(text, kind);
    EXPECT_EQ(inflate(squeezed, {.max_bytes = text.size()}).text, text);
    const Outcome over = inflate(squeezed, {.max_bytes = text.size() - 1});
    EXPECT_EQ(over.code, ErrorCode::kResourceExhausted);
    EXPECT_THAT(over.text, HasSubstr("99999 bytes"));
  }
}

TEST(DecompressTest, TheRatioIsLimitedBehindItsGrace) {
  const std::string zeros(8'000'000, '\0');
  for (const Compression kind : {Compression::kGzip, Compression::kZstd}) {
    const std::string squeezed = squeeze(zeros, kind);
    ASSERT_LT(squeezed.size() * 100, zeros.size());
    const DecompressOptions strict{.max_ratio = 100, .ratio_grace = 1 << 20};
    const Outcome bomb = inflate(squeezed, strict);
    EXPECT_EQ(bomb.code, ErrorCode::kResourceExhausted);
    EXPECT_THAT(bomb.text, HasSubstr("more than 100 times"));
    const DecompressOptions graceful{.max_ratio = 100, .ratio_grace = 20 << 20};
    EXPECT_EQ(inflate(squeezed, graceful).text.size(), zeros.size());
  }
}

}  // namespace
}  // namespace nacre::images
