// /proc/<pid>/stat, whose second field may hold anything.
#include "runtime/state/process_stat.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace nacre::state {
namespace {

constexpr const char* kRest =
    " S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 100 200 18446744073709551615";

TEST(ProcessStatTest, FieldsBehindTheName) {
  for (const char* name : {"1 (init)", "1 (a b)", "1 (a) S 5)", "1 ())", "1 (()", "1 (\n)"}) {
    const auto stat = parse_stat(std::string(name) + kRest);
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat->state, 'S');
    EXPECT_EQ(stat->start_time, 987654U);
  }
}

TEST(ProcessStatTest, Nonsense) {
  for (const char* wrong : {"", "1", "1 (x)", "1 (x) S 1 2", "1 (x) SS 1"}) {
    EXPECT_FALSE(parse_stat(wrong)) << wrong;
  }
  EXPECT_FALSE(parse_stat("1 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 soon 1"));
}

TEST(ProcessStatTest, OfThisProcess) {
  const auto stat = read_stat(::getpid());
  ASSERT_TRUE(stat) << stat.error().message();
  EXPECT_EQ(stat->state, 'R');
  EXPECT_GT(stat->start_time, 0U);
}

TEST(ProcessStatTest, OfNoProcess) {
  const auto stat = read_stat(0x7FFFFFFF);
  ASSERT_FALSE(stat);
  EXPECT_EQ(stat.error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace nacre::state
