#include "base/base64.h"

#include <gtest/gtest.h>

namespace nacre::base64 {
namespace {

struct Pair {
  std::string_view raw;
  std::string_view text;
};

// RFC 4648, section 10, and the two digits that differ between alphabets.
constexpr Pair kPairs[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xFB\xFF\xBF", "+/+/"},
    {std::string_view("\0\0", 2), "AAA="},
};

TEST(Base64Test, ThereAndBack) {
  for (const Pair& pair : kPairs) {
    EXPECT_EQ(encode(pair.raw), pair.text);
    EXPECT_EQ(decode(pair.text), pair.raw);
  }
}

TEST(Base64Test, EveryByte) {
  for (std::size_t size = 0; size < 4; ++size) {
    for (int value = 0; value < 256; ++value) {
      const std::string raw(size, static_cast<char>(value));
      EXPECT_EQ(decode(encode(raw)), raw);
    }
  }
}

TEST(Base64Test, OneSpellingOnly) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "=", "==", "====", "Z===", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", " Zm9v",
        "Zm9v====", "Zg==Zg==", "Zm-_", "Zm=v", "\x80m9v"}) {
    EXPECT_EQ(decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace nacre::base64
