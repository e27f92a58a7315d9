// The fuzz target's quick form, for every compiler: its seeds, and a fixed number of changes to
// them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

// Aborts when a rule is broken: tests/fuzz/spec_parser_fuzz.cc.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

int run(const std::string& bytes) {
  return LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

std::vector<std::string> seeds() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(NACRE_SEEDS)) {
    std::ifstream file(entry.path(), std::ios::binary);
    found.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  std::sort(found.begin(), found.end());  // directory order must not matter
  return found;
}

TEST(FuzzReplayTest, Seeds) {
  const auto all = seeds();
  ASSERT_GE(all.size(), 20U);
  for (const std::string& seed : all) EXPECT_EQ(run(seed), 0);
}

TEST(FuzzReplayTest, Splices) {
  const auto all = seeds();
  ASSERT_FALSE(all.empty());
  std::minstd_rand random(1);
  const auto below = [&](std::size_t end) { return end == 0 ? 0 : random() % end; };
  for (int round = 0; round < 1000; ++round) {
    // A piece of one seed in the place of a piece of another.
    std::string bytes = all[below(all.size())];
    const std::string& other = all[below(all.size())];
    const std::size_t at = below(bytes.size());
    const std::size_t from = below(other.size());
    bytes.replace(at, below(40), other, from, below(40));
    EXPECT_EQ(run(bytes), 0);
  }
}

}  // namespace
