#include "base/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace nacre::text {
namespace {

TEST(TextTest, JoinsTextCharactersAndNumbers) {
  EXPECT_EQ(join("a", std::string("b"), 'c', 12, std::int64_t{-7}, std::uint8_t{200}),
            "abc12-7200");
  EXPECT_EQ(join(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(TextTest, QuotesWhatWouldBreakALine) {
  EXPECT_EQ(quote("plain"), "\"plain\"");
  EXPECT_EQ(quote("a\"b\\c\nd\te\r\x01\x7f"), "\"a\\\"b\\\\c\\nd\\te\\r\\x01\\x7f\"");
  EXPECT_EQ(quote("näcre"), "\"näcre\"");
}

TEST(TextTest, NumbersAreParsedStrictly) {
  EXPECT_EQ(parse_u32("0"), 0U);
  EXPECT_EQ(parse_u32("4294967295"), 4294967295U);
  for (const char* bad :
       {"", " 1", "1 ", "+1", "-1", "0x1", "1a", "4294967296", "99999999999999999999"}) {
    EXPECT_FALSE(parse_u32(bad)) << bad;
  }
  EXPECT_EQ(parse_u64("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_FALSE(parse_u64("18446744073709551616"));
  EXPECT_EQ(parse_i64("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_FALSE(parse_i64("9223372036854775808"));
}

TEST(TextTest, SplitsKeepingEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(join_with({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(TextTest, OctalHasALeadingZero) {
  EXPECT_EQ(octal(0644), "0644");
  EXPECT_EQ(octal(0), "00");
}

}  // namespace
}  // namespace nacre::text
