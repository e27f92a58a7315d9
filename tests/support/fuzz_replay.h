// The quick form of a fuzz target, for every compiler: its seeds, and a fixed number of changes to
// them. The target aborts when a rule is broken.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace nacre::test {

inline void run_fuzz_target(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

inline std::vector<std::string> read_seeds(const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    found.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  std::sort(found.begin(), found.end());  // directory order must not matter
  return found;
}

// A piece of one seed in the place of a piece of another, again and again.
inline void run_splices(const std::vector<std::string>& seeds, int rounds) {
  std::minstd_rand random(1);
  const auto below = [&](std::size_t end) { return end == 0 ? 0 : random() % end; };
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = seeds[below(seeds.size())];
    const std::string& other = seeds[below(seeds.size())];
    const std::size_t at = below(bytes.size());
    const std::size_t from = below(other.size());
    bytes.replace(at, below(40), other, from, below(40));
    run_fuzz_target(bytes);
  }
}

}  // namespace nacre::test
