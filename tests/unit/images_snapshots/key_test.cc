#include "images/snapshots/key.h"

#include <gtest/gtest.h>

#include <string>

namespace nacre::images {
namespace {

using namespace std::string_view_literals;

TEST(KeyTest, WhatIsAccepted) {
  for (const auto key : {"a"sv, "0"sv, "web"sv, "web.1"sv, "Web_2-3"sv, "a..b"sv, "a-"sv}) {
    EXPECT_TRUE(check_key(key).has_value()) << key;
  }
  EXPECT_TRUE(check_key(std::string(kLongestKey, 'x')).has_value());
}

TEST(KeyTest, WhatIsRefused) {
  for (const auto key : {""sv, "."sv, ".."sv, ".hidden"sv, "-option"sv, "_x"sv, "a/b"sv, "/a"sv,
                         "a b"sv, "a\n"sv, "a\0b"sv, "a:b"sv, "a,b"sv, "\xc3\xa4"sv, "a\xff"sv}) {
    const auto checked = check_key(key);
    ASSERT_FALSE(checked.has_value()) << key;
    EXPECT_EQ(checked.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(KeyTest, TooLong) {
  const auto checked = check_key(std::string(kLongestKey + 1, 'x'));
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().message(), "a snapshot's key has at most 200 characters, not 201");
}

}  // namespace
}  // namespace nacre::images
