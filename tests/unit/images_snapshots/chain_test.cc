#include "images/snapshots/chain.h"

#include <gtest/gtest.h>

#include <string>

namespace nacre::images {
namespace {

oci::Digest digest(char digit) {
  const auto parsed = oci::Digest::parse("sha256:" + std::string(64, digit));
  EXPECT_TRUE(parsed.has_value());
  return parsed ? *parsed : oci::Digest();
}

TEST(ChainTest, OfNothing) {
  const auto chain = chain_ids({});
  ASSERT_TRUE(chain.has_value());
  EXPECT_TRUE(chain->empty());
}

TEST(ChainTest, OfOneLayerIsItsDiffId) {
  const oci::Digest layers[] = {digest('a')};
  const auto chain = chain_ids(layers);
  ASSERT_TRUE(chain.has_value());
  ASSERT_EQ(chain->size(), 1U);
  EXPECT_EQ(chain->front(), digest('a'));
}

// Calculated by another program after the formula in image-spec, config.md.
TEST(ChainTest, EveryPrefixHasItsName) {
  const oci::Digest layers[] = {digest('a'), digest('b'), digest('c')};
  const auto chain = chain_ids(layers);
  ASSERT_TRUE(chain.has_value());
  ASSERT_EQ(chain->size(), 3U);
  EXPECT_EQ((*chain)[0], digest('a'));
  EXPECT_EQ((*chain)[1].text(),
            "sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c");
  EXPECT_EQ((*chain)[2].text(),
            "sha256:c1377126441fb2f5ec2c21ae2a60255331d639e830f0ee1b40a36e52d4c40588");
}

TEST(ChainTest, TheOrderCounts) {
  const oci::Digest one[] = {digest('a'), digest('b')};
  const oci::Digest other[] = {digest('b'), digest('a')};
  EXPECT_NE(chain_ids(one)->back(), chain_ids(other)->back());
}

TEST(ChainTest, AnEmptyDigestIsRefused) {
  const oci::Digest layers[] = {digest('a'), oci::Digest()};
  const auto chain = chain_ids(layers);
  ASSERT_FALSE(chain.has_value());
  EXPECT_EQ(chain.error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace nacre::images
