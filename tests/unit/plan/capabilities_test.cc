#include "runtime/plan/capabilities.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

namespace nacre::plan {
namespace {

constexpr std::uint64_t bit(unsigned number) { return std::uint64_t{1} << number; }

TEST(CapabilitiesTest, EveryKnownNameHasItsOwnBit) {
  std::uint64_t all = 0;
  for (const std::string& name : known_capabilities()) {
    const std::uint64_t mask = capability_bit(name);
    EXPECT_NE(mask, 0U) << name;
    EXPECT_EQ(all & mask, 0U) << name;
    all |= mask;
  }
  EXPECT_EQ(all, (bit(CAP_LAST_CAP) << 1U) - 1);
}

TEST(CapabilitiesTest, OnlyTheSpecsSpellingCounts) {
  EXPECT_EQ(capability_bit("CAP_CHOWN"), bit(CAP_CHOWN));
  for (const char* bad : {"chown", "cap_chown", "CHOWN", "0", "CAP_NONSENSE", ""}) {
    EXPECT_EQ(capability_bit(bad), 0U) << bad;
  }
}

TEST(CapabilitiesTest, NoObjectMeansNone) {
  const CapabilityMasks masks = capability_masks(std::nullopt, ~std::uint64_t{0});
  EXPECT_EQ(masks.bounding | masks.effective | masks.permitted | masks.inheritable | masks.ambient,
            0U);
}

TEST(CapabilitiesTest, AmbientStaysWithinPermittedAndInheritable) {
  oci::Capabilities sets;
  sets.permitted = {"CAP_CHOWN", "CAP_KILL"};
  sets.inheritable = {"CAP_CHOWN"};
  sets.ambient = {"CAP_CHOWN", "CAP_KILL"};
  sets.effective = {"CAP_CHOWN", "CAP_SYS_ADMIN"};
  const CapabilityMasks masks = capability_masks(sets, ~std::uint64_t{0});
  EXPECT_EQ(masks.ambient, bit(CAP_CHOWN));
  EXPECT_EQ(masks.effective, bit(CAP_CHOWN));
}

TEST(CapabilitiesTest, WhatTheRuntimeLacksIsTakenAway) {
  oci::Capabilities sets;
  sets.bounding = {"CAP_CHOWN", "CAP_SYS_RESOURCE"};
  sets.permitted = sets.bounding;
  const CapabilityMasks masks = capability_masks(sets, ~bit(CAP_SYS_RESOURCE));
  EXPECT_EQ(masks.bounding, bit(CAP_CHOWN));
  EXPECT_EQ(masks.permitted, bit(CAP_CHOWN));
}

}  // namespace
}  // namespace nacre::plan
