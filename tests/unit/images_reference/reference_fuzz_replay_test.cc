#include <gtest/gtest.h>

#include "tests/support/fuzz_replay.h"

namespace nacre::test {
namespace {

// Passes by not aborting: tests/fuzz/reference_fuzz.cc.
TEST(ReferenceFuzzReplayTest, SeedsAndSplices) {
  const auto seeds = read_seeds(NACRE_SEEDS);
  ASSERT_GE(seeds.size(), 20U);
  for (const std::string& seed : seeds) run_fuzz_target(seed);
  run_splices(seeds, 2000);
}

}  // namespace
}  // namespace nacre::test
