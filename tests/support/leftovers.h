// What a runtime may leave behind, listed before and after a test. Every line of the difference is
// a fault of the runtime (or of the test that did not delete its container).
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace nacre::test {

// Where one test may leave traces. Names of containers and cgroups contain `token`.
struct Places {
  std::string token;
  std::filesystem::path state_root;  // --root
  std::filesystem::path temp;        // TMPDIR of the runtime
  std::filesystem::path run;         // /run of the private world
};

// One line per thing: "mount 31 /tmp/x tmpfs", "process 17 (probe) S", "cgroup /a/b", ...
using Inventory = std::set<std::string>;

Inventory take_inventory(const Places& places);
std::vector<std::string> new_entries(const Inventory& before, const Inventory& after);

}  // namespace nacre::test
