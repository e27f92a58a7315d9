#include "runtime/plan/capabilities.h"

#include <linux/capability.h>
// After the kernel's header: libcap's own would define the same names again.
#include <sys/capability.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace nacre::plan {
namespace {

std::uint64_t mask_of(const std::vector<std::string>& names) {
  std::uint64_t mask = 0;
  for (const std::string& name : names) mask |= capability_bit(name);
  return mask;
}

}  // namespace

std::uint64_t capability_bit(std::string_view name) {
  // libcap takes any case and also bare numbers; the spec has upper-case names only.
  if (!name.starts_with("CAP_")) return 0;
  cap_value_t value = 0;
  if (cap_from_name(std::string(name).c_str(), &value) != 0 || value < 0 || value > 63) return 0;
  return std::uint64_t{1} << static_cast<unsigned>(value);
}

CapabilityMasks capability_masks(const std::optional<oci::Capabilities>& sets,
                                 std::uint64_t available) {
  if (!sets) return {};
  CapabilityMasks masks;
  masks.bounding = mask_of(sets->bounding) & available;
  masks.permitted = mask_of(sets->permitted) & available;
  masks.effective = mask_of(sets->effective) & masks.permitted;
  masks.inheritable = mask_of(sets->inheritable) & available;
  masks.ambient = mask_of(sets->ambient) & masks.permitted & masks.inheritable;
  return masks;
}

std::vector<std::string> ungranted_capabilities(const std::optional<oci::Capabilities>& sets,
                                                std::uint64_t available) {
  std::vector<std::string> names;
  if (!sets) return names;
  for (const auto* set :
       {&sets->bounding, &sets->permitted, &sets->effective, &sets->inheritable, &sets->ambient}) {
    for (const std::string& name : *set) {
      if ((capability_bit(name) & available) == 0) names.push_back(name);
    }
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

std::vector<std::string> known_capabilities() {
  std::vector<std::string> names;
  for (cap_value_t value = 0; value <= CAP_LAST_CAP; ++value) {
    const std::unique_ptr<char, int (*)(void*)> name(cap_to_name(value), cap_free);
    if (name == nullptr) continue;
    std::string upper(name.get());
    std::ranges::transform(upper, upper.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    names.push_back(std::move(upper));
  }
  return names;
}

}  // namespace nacre::plan
