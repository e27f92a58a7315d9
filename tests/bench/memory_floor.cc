#include "tests/bench/memory_floor.h"

#include <fstream>
#include <stdexcept>

namespace nacre::bench {
namespace {

constexpr std::int64_t kStepKib = 16;
constexpr std::int64_t kMostKib = std::int64_t{256} * 1024;
constexpr int kTimesInARow = 3;

bool starts(const Place& place, const Contender& contender, std::int64_t kib) {
  nlohmann::json spec = plain_spec();
  const std::int64_t bytes = kib * 1024;
  spec["linux"]["resources"]["memory"] = {{"limit", bytes}, {"swap", bytes}};
  const auto bundle = write_bundle(place, contender.name, spec, {"/bin/true"});
  for (int i = 0; i < kTimesInARow; ++i) {
    const Usage usage = run(contender.runtime(place, {"run", "--bundle", bundle, contender.name}));
    if (usage.status == 0) continue;
    // What a failed start leaves behind is not what is measured here.
    static_cast<void>(run(contender.runtime(place, {"delete", "--force", contender.name})));
    return false;
  }
  return true;
}

std::int64_t smallest(const Place& place, const Contender& contender) {
  std::int64_t too_little = 0;
  std::int64_t enough = kMostKib;
  if (!starts(place, contender, enough)) {
    throw std::runtime_error(contender.name + " does not start in " + std::to_string(enough) +
                             " KiB");
  }
  while (enough - too_little > kStepKib) {
    const std::int64_t middle = (too_little + enough) / 2 / kStepKib * kStepKib;
    (starts(place, contender, middle) ? enough : too_little) = middle;
  }
  return enough;
}

void require_controller(const Place& place) {
  std::ofstream(place.cgroup.parent_path() / "cgroup.subtree_control") << "+memory";
  std::ifstream file(place.cgroup / "cgroup.controllers");
  for (std::string name; file >> name;) {
    if (name == "memory") return;
  }
  throw std::runtime_error("no memory controller in " + place.cgroup.string());
}

}  // namespace

nlohmann::json find_memory_floors(const Place& place, const std::vector<Contender>& contenders) {
  require_controller(place);
  nlohmann::json floors = nlohmann::json::object();
  for (const Contender& contender : contenders) {
    if (!contender.floor) floors[contender.name] = smallest(place, contender);
  }
  return floors;
}

std::string memory_floor_text(const nlohmann::json& floors) {
  std::string text = "| | smallest memory limit, KiB |\n|---|---:|\n";
  for (const auto& [name, kib] : floors.items()) {
    text += "| " + name + " | " + std::to_string(kib.get<std::int64_t>()) + " |\n";
  }
  return text;
}

}  // namespace nacre::bench
