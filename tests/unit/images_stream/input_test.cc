#include "images/stream/input.h"

#include <gtest/gtest.h>

#include "tests/unit/images_stream/streams.h"

namespace nacre::images {
namespace {

TEST(BufferedInputTest, PeeksAcrossTheEndOfItsBuffer) {
  const std::string text = mixed_text(3 * BufferedInput::kCapacity + 100, 5);
  MemorySource source(text, 1000);
  BufferedInput input(source);
  std::uint64_t at = 0;
  while (at + 700 <= text.size()) {
    const auto bytes = input.peek(700);
    ASSERT_TRUE(bytes);
    ASSERT_EQ(as_text(*bytes), std::string_view(text).substr(at, 700));
    input.consume(650);
    at += 650;
    ASSERT_EQ(input.offset(), at);
  }
  const auto rest = input.peek(700);
  ASSERT_TRUE(rest);
  EXPECT_EQ(as_text(*rest), std::string_view(text).substr(at));
}

TEST(BufferedInputTest, MixedCallsKeepTheOrder) {
  const std::string text = mixed_text(2'000'000, 6);
  std::mt19937 random(7);
  MemorySource source(text, 70000);
  BufferedInput input(source);
  std::string seen;
  while (seen.size() < text.size()) {
    const std::size_t size = random() % 200000 + 1;
    if (random() % 3 == 0) {
      std::string into(size, '-');
      const auto got = input.read(std::as_writable_bytes(std::span(into)));
      ASSERT_TRUE(got);
      seen.append(into, 0, *got);
    } else if (random() % 2 == 0) {
      const auto bytes = input.peek_some();
      ASSERT_TRUE(bytes);
      const auto part = bytes->first(std::min(size, bytes->size()));
      seen += as_text(part);
      input.consume(part.size());
    } else {
      const auto skipped = input.skip(size);
      ASSERT_TRUE(skipped);
      seen += text.substr(seen.size(), *skipped);
    }
    ASSERT_EQ(input.offset(), seen.size());
  }
  EXPECT_EQ(seen, text);
  EXPECT_EQ(*input.skip(1), 0U);
  EXPECT_TRUE(input.peek_some()->empty());
}

}  // namespace
}  // namespace nacre::images
