#include <gtest/gtest.h>

#include "tests/support/fuzz_replay.h"

namespace nacre::test {
namespace {

// Passes by not aborting: tests/fuzz/manifest_fuzz.cc.
TEST(ManifestFuzzReplayTest, SeedsAndSplices) {
  const auto seeds = read_seeds(NACRE_SEEDS);
  ASSERT_GE(seeds.size(), 20U);
  for (const std::string& seed : seeds) run_fuzz_target(seed);
  run_splices(seeds, 500);
}

}  // namespace
}  // namespace nacre::test
