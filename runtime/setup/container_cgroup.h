// The container's cgroup at launch: where it is, what it must be able to do, and what happens where
// that is not possible.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cgroups/cgroup.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::setup {

struct ContainerCgroup {
  std::string path;     // below the hierarchy's root; empty: none
  std::string manager;  // "cgroupfs" | "disabled"
  bool optional =
      false;  // without permission the container goes without: nothing was asked of the cgroup
  std::vector<cgroups::Setting> settings;
  std::optional<cgroups::Hierarchy> hierarchy;
  std::optional<cgroups::Cgroup> cgroup;  // after make_cgroup()
};

// Decides, makes nothing. An error when limits are asked for that nobody could set: with the
// manager "disabled", or on a host without cgroup v2.
[[nodiscard]] Result<ContainerCgroup> plan_cgroup(const oci::Spec& spec, std::string_view id,
                                                  std::string_view manager, bool systemd,
                                                  bool rootless);

// A cgroup that is there already and has processes is somebody else's: an error here, and the
// caller must not clean it up. Makes the cgroup with all its settings and device rules in force, so
// that the first process is born into it.
[[nodiscard]] Result<void> make_cgroup(ContainerCgroup& place, const oci::Spec& spec);

}  // namespace nacre::setup
