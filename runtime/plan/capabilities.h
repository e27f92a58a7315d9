// Capability names and sets as 64-bit masks, bit n for capability n.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::plan {

struct CapabilityMasks {
  std::uint64_t bounding = 0;
  std::uint64_t effective = 0;
  std::uint64_t permitted = 0;
  std::uint64_t inheritable = 0;
  std::uint64_t ambient = 0;
};

// "CAP_CHOWN" -> its bit. Nothing for a name that libcap does not know.
[[nodiscard]] std::uint64_t capability_bit(std::string_view name);

// The sets of the spec, cut down to `available`: what the runtime itself lacks or does not know
// cannot be granted, and as with the peers that takes away without failing (runtime-spec config.md,
// "capabilities"). Ambient stays within permitted and inheritable: the kernel refuses anything
// else.
[[nodiscard]] CapabilityMasks capability_masks(const std::optional<oci::Capabilities>& sets,
                                               std::uint64_t available);

// The names in any of the sets that capability_masks() leaves out, sorted, each once.
[[nodiscard]] std::vector<std::string> ungranted_capabilities(
    const std::optional<oci::Capabilities>& sets, std::uint64_t available);

// All names known to libcap up to CAP_LAST_CAP, for `features`.
[[nodiscard]] std::vector<std::string> known_capabilities();

}  // namespace nacre::plan
