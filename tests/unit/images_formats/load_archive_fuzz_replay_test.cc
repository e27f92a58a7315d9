#include <gtest/gtest.h>

#include "tests/support/fuzz_replay.h"

namespace nacre::test {
namespace {

TEST(LoadArchiveFuzzReplayTest, SeedsAndSplices) {
  const auto seeds = read_seeds(NACRE_SEEDS);
  ASSERT_GE(seeds.size(), 4U);
  for (const std::string& seed : seeds) run_fuzz_target(seed);
  run_splices(seeds, 300);
}

}  // namespace
}  // namespace nacre::test
