// zstd streams: frames, skippable frames, and what is wrong with damaged ones.
#include <gmock/gmock.h>
#include <zstd.h>

#include "images/stream/compress.h"
#include "tests/unit/images_stream/gzip_members.h"
#include "tests/unit/images_stream/streams.h"

namespace nacre::images {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string frame(std::string_view text) {
  MemorySink out;
  auto sink = compress(out, Compression::kZstd);
  EXPECT_TRUE(sink && (*sink)->write(as_bytes(text)) && (*sink)->finish());
  return out.take();
}

std::string skippable(std::string_view content, unsigned kind = 0) {
  return little_endian(0x184D2A50U + kind, 4) +
         little_endian(static_cast<std::uint32_t>(content.size()), 4) + std::string(content);
}

// A frame that claims a window and holds one raw block of a byte (RFC 8878, 3.1.1).
std::string frame_with_window(unsigned window_log) {
  return little_endian(0xFD2FB528U, 4) + '\0' + static_cast<char>((window_log - 10) << 3U) +
         little_endian(1U | 1U << 3U, 3) + "x";
}

void expect_refused(const std::string& stream, const std::string& reason) {
  for (const std::size_t at_once : std::vector<std::size_t>{1, 7, 1 << 20}) {
    const Outcome outcome = inflate(stream, {}, at_once);
    EXPECT_EQ(outcome.code, ErrorCode::kInvalidArgument) << at_once;
    EXPECT_THAT(outcome.text, StartsWith("zstd, byte "));
    EXPECT_THAT(outcome.text, HasSubstr(reason));
  }
}

TEST(ZstdTest, FramesAndSkippableFramesAreOneStream) {
  std::string stream = skippable("first", 15);
  std::string text;
  for (unsigned i = 0; i < 20; ++i) {
    const std::string part = mixed_text(i * 977 % 5000, i);
    text += part;
    stream += frame(part) + skippable(std::string(std::size_t{i} * 100, 's'), i % 16);
  }
  for (const std::size_t in : std::vector<std::size_t>{1, 3, 100, 1 << 20}) {
    for (const std::size_t out : std::vector<std::size_t>{1, 1000, 1 << 16})
      EXPECT_EQ(inflate(stream, {}, in, out), (Outcome{text, {}})) << in << ' ' << out;
  }
}

TEST(ZstdTest, NothingInIt) {
  EXPECT_EQ(inflate(frame("")), (Outcome{"", {}}));
  EXPECT_EQ(inflate(skippable("")), (Outcome{"", {}}));
}

TEST(ZstdTest, CutOffAnywhere) {
  const std::string first = frame("one");
  const std::string stream = first + frame("two") + skippable("end");
  const std::size_t second = first.size() + frame("two").size();
  for (std::size_t size = 4; size < stream.size(); ++size) {
    const Outcome outcome = inflate(stream.substr(0, size), {}, size % 2 == 0 ? 1 : 1 << 20);
    if (size == first.size() || size == second) {
      EXPECT_EQ(outcome.code, std::nullopt) << size;
    } else {
      EXPECT_EQ(outcome.code, ErrorCode::kInvalidArgument) << size;
      EXPECT_THAT(outcome.text, HasSubstr("ends inside a frame")) << size;
    }
  }
}

TEST(ZstdTest, NothingElseMayFollow) {
  expect_refused(frame("content") + "garbage", "is not a frame");
  expect_refused(frame("content") + std::string(512, '\0'), "is not a frame");
}

TEST(ZstdTest, AWrongChecksum) {
  std::string stream = frame(mixed_text(1000, 12));
  stream.back() = static_cast<char>(stream.back() ^ 1);
  expect_refused(stream, "checksum");
}

TEST(ZstdTest, EveryFlippedBitIsNoticedOrHarmless) {
  const std::string text = mixed_text(3000, 13);
  const std::string stream = frame(text);
  for (std::size_t at = 4; at < stream.size(); ++at) {
    std::string wrong = stream;
    wrong[at] = static_cast<char>(wrong[at] ^ (1 << at % 8));
    const Outcome outcome = inflate(wrong);
    EXPECT_TRUE(outcome.code.has_value() || outcome.text == text) << at;
  }
}

TEST(ZstdTest, TheWindowIsLimited) {
  EXPECT_EQ(inflate(frame_with_window(27)), (Outcome{"x", {}}));
  const Outcome large = inflate(frame_with_window(28));
  EXPECT_EQ(large.code, ErrorCode::kResourceExhausted);
  EXPECT_THAT(large.text, HasSubstr("window of more than 2^27"));
  EXPECT_EQ(inflate(frame_with_window(21), {.zstd_window_log = 20}).code,
            ErrorCode::kResourceExhausted);
  EXPECT_EQ(inflate(frame_with_window(20), {.zstd_window_log = 20}), (Outcome{"x", {}}));
}

TEST(ZstdTest, AWindowLimitThatDoesNotExist) {
  const Outcome outcome = inflate(frame("x"), {.zstd_window_log = 99});
  EXPECT_EQ(outcome.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(outcome.text, HasSubstr("2^99"));
}

}  // namespace
}  // namespace nacre::images
