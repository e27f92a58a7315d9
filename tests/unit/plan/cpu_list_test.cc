#include "runtime/plan/cpu_list.h"

#include <gtest/gtest.h>

namespace nacre::plan {
namespace {

TEST(CpuListTest, RangesAndSingles) {
  const auto mask = parse_cpu_list("0-2,9");
  ASSERT_TRUE(mask);
  EXPECT_EQ((*mask)[0], 0x07);
  EXPECT_EQ((*mask)[1], 0x02);
  EXPECT_EQ(mask->size(), 128U);
}

TEST(CpuListTest, GrowsInWholeLongs) {
  const auto mask = parse_cpu_list("1024");
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->size() % 8, 0U);
  EXPECT_EQ((*mask)[128], 0x01);
}

TEST(CpuListTest, RefusesEverythingElse) {
  for (const char* bad : {"", "a", "3-1", "-1", "1-", "0,,1", "99999999", "1-8192"}) {
    EXPECT_FALSE(parse_cpu_list(bad)) << bad;
  }
}

}  // namespace
}  // namespace nacre::plan
