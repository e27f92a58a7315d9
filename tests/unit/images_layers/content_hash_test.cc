#include "images/layers/content_hash.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace nacre::images::layers {
namespace {

void feed(ContentHash& hash, std::string_view text) { hash.update(std::as_bytes(std::span(text))); }

std::uint64_t hash_of(std::string_view text) {
  ContentHash hash;
  feed(hash, text);
  return hash.value();
}

TEST(ContentHash, HasThePublishedValue) {
  EXPECT_EQ(hash_of("123456789"), 0x995dc9bbdf1939faU);  // the catalogue's check of CRC-64/XZ
  EXPECT_EQ(hash_of(""), 0U);
}

TEST(ContentHash, DoesNotDependOnThePieces) {
  const std::string text(100'000, 'x');
  ContentHash hash;
  for (std::size_t at = 0, step = 1; at < text.size(); at += step++)
    feed(hash, std::string_view(text).substr(at, step));
  EXPECT_EQ(hash.value(), hash_of(text));
}

TEST(ContentHash, ZerosAreZeros) {
  for (const std::size_t count : {0U, 1U, 2U, 7U, 8U, 63U, 64U, 4095U, 65536U, 1000003U}) {
    for (const std::string before : {"", "a", "\xff\xff"}) {
      ContentHash jumped;
      feed(jumped, before);
      jumped.update_zeros(count);
      feed(jumped, "end");
      EXPECT_EQ(jumped.value(), hash_of(before + std::string(count, '\0') + "end")) << count;
    }
  }
}

TEST(ContentHash, LongHolesAddUp) {
  ContentHash once;
  once.update_zeros((std::uint64_t{1} << 62U) + 12345);
  ContentHash twice;
  twice.update_zeros(12345);
  twice.update_zeros(std::uint64_t{1} << 62U);
  EXPECT_EQ(once.value(), twice.value());
}

TEST(ContentHash, SeesOneBit) {
  std::string text(300'000, '\0');
  const std::uint64_t before = hash_of(text);
  text[299'999] = '\1';
  EXPECT_NE(hash_of(text), before);
}

}  // namespace
}  // namespace nacre::images::layers
