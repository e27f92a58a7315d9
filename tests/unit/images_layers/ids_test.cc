#include "images/layers/ids.h"

#include <gtest/gtest.h>

namespace nacre::images::layers {
namespace {

const std::vector<IdMap> kMaps = {{0, 1000, 1}, {1, 100000, 65535}};
const std::vector<IdMap> kNone;

TEST(Ids, ChangeNothingWithoutAMap) {
  EXPECT_EQ(to_outside({}, 0), 0U);
  EXPECT_EQ(to_outside({}, 0xfffffffe), 0xfffffffeU);
  EXPECT_EQ(to_inside({}, 7), 7U);
}

TEST(Ids, NeverWrap) {
  for (const std::uint64_t id : {std::uint64_t{0xffffffff}, std::uint64_t{1} << 32U,
                                 (std::uint64_t{1} << 32U) + 5, ~std::uint64_t{0}}) {
    EXPECT_FALSE(to_outside({}, id)) << id;
    EXPECT_FALSE(to_outside(kMaps, id)) << id;
  }
  EXPECT_FALSE(to_outside({{0, 0xfffffff0, 100}}, 20));
  EXPECT_FALSE(to_outside({{10, 0, 0}}, 10));
}

TEST(Ids, GoThereAndBack) {
  EXPECT_EQ(to_outside(kMaps, 0), 1000U);
  EXPECT_EQ(to_outside(kMaps, 1), 100000U);
  EXPECT_EQ(to_outside(kMaps, 65535), 165534U);
  EXPECT_FALSE(to_outside(kMaps, 65536));
  for (const std::uint64_t id : {0U, 1U, 33U, 65535U})
    EXPECT_EQ(to_inside(kMaps, *to_outside(kMaps, id)), id);
  EXPECT_FALSE(to_inside(kMaps, 0));
}

TEST(Ids, ErrorsSayWhatHelps) {
  const auto far = Ids{kMaps, kNone, Direction::kToDisk}.uid(70000);
  ASSERT_FALSE(far);
  EXPECT_NE(far.error().message().find("/etc/subuid"), std::string::npos);
  EXPECT_NE(far.error().message().find("--squash-ids"), std::string::npos);
  const auto wrap = Ids{kMaps, kNone, Direction::kToDisk}.gid(std::uint64_t{1} << 32U);
  ASSERT_FALSE(wrap);
  EXPECT_EQ(wrap.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(wrap.error().message().find("4294967296"), std::string::npos);
  EXPECT_FALSE((Ids{kMaps, kNone, Direction::kToArchive}.uid(5)));
}

}  // namespace
}  // namespace nacre::images::layers
