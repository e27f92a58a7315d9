// The smallest memory limit in which a container starts.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "tests/bench/contender.h"

namespace nacre::bench {

// For each runtime, by halving: the smallest limit, in KiB and to 16 KiB, with which `run` of
// `true` succeeds three times in a row. Throws std::runtime_error where the cgroup has no memory
// controller.
nlohmann::json find_memory_floors(const Place& place, const std::vector<Contender>& contenders);

std::string memory_floor_text(const nlohmann::json& floors);

}  // namespace nacre::bench
