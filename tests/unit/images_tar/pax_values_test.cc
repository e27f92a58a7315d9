#include "images/tar/pax_values.h"

#include <gtest/gtest.h>

namespace nacre::images::tar {
namespace {

std::optional<Time> time(std::string_view text) {
  const auto parsed = parse_time(text);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

TEST(PaxTimeTest, Forms) {
  EXPECT_EQ(time("0"), (Time{0, 0}));
  EXPECT_EQ(time("1700000000"), (Time{1700000000, 0}));
  EXPECT_EQ(time("1.5"), (Time{1, 500000000}));
  EXPECT_EQ(time("1."), (Time{1, 0}));
  EXPECT_EQ(time("1.000000001"), (Time{1, 1}));
  EXPECT_EQ(time("1.0000000019"), (Time{1, 1}));
  EXPECT_EQ(time("-1"), (Time{-1, 0}));
  EXPECT_EQ(time("-0"), (Time{0, 0}));
  EXPECT_EQ(time("-1.5"), (Time{-2, 500000000}));
  EXPECT_EQ(time("-0.25"), (Time{-1, 750000000}));
}

TEST(PaxTimeTest, Clamped) {
  EXPECT_EQ(time("9223372036"), (Time{9223372036, 0}));
  EXPECT_EQ(time("9223372037"), (Time{9223372036, 0}));
  EXPECT_EQ(time("-9223372037.5"), (Time{-9223372036, 0}));
  EXPECT_EQ(time("99999999999999999999999999"), (Time{9223372036, 0}));
  EXPECT_EQ(time("-99999999999999999999999999.9"), (Time{-9223372036, 0}));
}

TEST(PaxTimeTest, NoTimes) {
  for (const std::string_view wrong :
       {"", "-", ".", ".5", "1.x", "1e5", "+1", " 1", "1 ", "1.5.", "--1", "0x1"})
    EXPECT_EQ(time(wrong), std::nullopt) << wrong;
}

TEST(PaxTimeTest, ThereAndBack) {
  for (const Time& one : {Time{0, 0}, Time{1, 1}, Time{-1, 999999999}, Time{-2, 500000000},
                          Time{-1, 1}, Time{1700000000, 120000000}, Time{-9223372036, 0}})
    EXPECT_EQ(time(time_text(one)), one) << time_text(one);
  EXPECT_EQ(time_text({-2, 500000000}), "-1.5");
  EXPECT_EQ(time_text({-1, 750000000}), "-0.25");
  EXPECT_EQ(time_text({12, 340000000}), "12.34");
  EXPECT_EQ(time_text({12, 0}), "12");
}

TEST(PaxDecimalTest, DigitsOnly) {
  EXPECT_EQ(*parse_decimal("0"), 0U);
  EXPECT_EQ(*parse_decimal("9223372036854775807"), 9223372036854775807U);
  for (const std::string_view wrong :
       {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "9223372036854775808", "99999999999999999999999"})
    EXPECT_FALSE(parse_decimal(wrong)) << wrong;
}

TEST(PaxNameTest, SchilyDecodesWhatGnuTarEncodes) {
  EXPECT_EQ(decode_schily_name("user.a%3Db%25c"), "user.a=b%c");
  EXPECT_EQ(decode_schily_name("user.a%20b%"), "user.a%20b%");
}

TEST(PaxNameTest, PercentThereAndBack) {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(decode_percent(encode_percent(all)), all);
  EXPECT_EQ(encode_percent("user.a b=c%"), "user.a%20b%3Dc%25");
  for (const std::string_view wrong : {"%", "%2", "%2g", "a%zz", "%00"})
    EXPECT_EQ(decode_percent(wrong), std::nullopt) << wrong;
}

TEST(PaxNameTest, Base64WithAndWithoutPadding) {
  EXPECT_EQ(decode_loose_base64("aGVsbG8"), "hello");
  EXPECT_EQ(decode_loose_base64("aGVsbG8="), "hello");
  EXPECT_EQ(decode_loose_base64(""), "");
  for (const std::string_view wrong : {"a", "aGVs bG8", "aGVsbG9=", "=", "aGVsbG8=="})
    EXPECT_EQ(decode_loose_base64(wrong), std::nullopt) << wrong;
}

TEST(PaxMapTest, PairsOfNumbers) {
  const auto map = parse_map("0,10,512,1", 2);
  ASSERT_TRUE(map);
  EXPECT_EQ(*map, (std::vector<Extent>{{0, 10}, {512, 1}}));
  for (const std::string_view wrong : {"", "1", "1,", ",1", "1,2,3", "1,2,", "1,-2", "a,b"})
    EXPECT_FALSE(parse_map(wrong, 10)) << wrong;
  const auto over = parse_map("0,1,2,1,4,1", 2);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code(), ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace nacre::images::tar
