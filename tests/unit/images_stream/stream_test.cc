// copy, read_full, read_text and the streams over memory.
#include "images/stream/stream.h"

#include <gmock/gmock.h>

#include "tests/unit/images_stream/streams.h"

namespace nacre::images {
namespace {

using testing::HasSubstr;

TEST(StreamTest, CopyMovesEverythingAndCounts) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kChunk, 3 * kChunk + 17}) {
    const std::string text = mixed_text(size, 1);
    for (const std::size_t at_once : {std::size_t{999}, kChunk, 2 * kChunk}) {
      MemorySource source(text, at_once);
      MemorySink sink;
      const auto copied = copy(source, sink);
      ASSERT_TRUE(copied);
      EXPECT_EQ(*copied, size);
      EXPECT_EQ(sink.text(), text);
    }
  }
}

TEST(StreamTest, CopyReportsWhatTheSinkSays) {
  MemorySource source(std::string_view("four"));
  MemorySink sink(3);
  const auto copied = copy(source, sink);
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_THAT(copied.error().message(), HasSubstr("3 bytes"));
}

TEST(StreamTest, ReadFullFillsOrEnds) {
  MemorySource source(std::string_view("0123456789"), 3);
  std::string into(7, '-');
  const auto first = read_full(source, std::as_writable_bytes(std::span(into)));
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, 7U);
  EXPECT_EQ(into, "0123456");
  const auto second = read_full(source, std::as_writable_bytes(std::span(into)));
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, 3U);
  EXPECT_EQ(into.substr(0, 3), "789");
  EXPECT_EQ(*read_full(source, std::as_writable_bytes(std::span(into))), 0U);
}

TEST(StreamTest, ReadTextAtItsLimit) {
  for (const std::size_t size : std::vector<std::size_t>{0, 1, 4096, 4097, 8193, 100000}) {
    const std::string text = mixed_text(size, 2);
    MemorySource exact(text, 1000);
    const auto whole = read_text(exact, size);
    ASSERT_TRUE(whole) << size;
    EXPECT_EQ(*whole, text);
    if (size == 0) continue;
    MemorySource over(text, 1000);
    const auto refused = read_text(over, size - 1);
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().code(), ErrorCode::kResourceExhausted);
  }
}

TEST(StreamTest, ReadTextFarBelowItsLimit) {
  MemorySource source(std::string_view("short"));
  const auto text = read_text(source, std::size_t{1} << 40U);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "short");
}

TEST(StreamTest, TheEndOfMemoryStays) {
  MemorySource source(std::string_view("ab"), 1);
  EXPECT_EQ(drain(source), "ab");
}

}  // namespace
}  // namespace nacre::images
