// The cgroup that a record names.
#pragma once

#include <optional>

#include "base/result.h"
#include "cgroups/cgroup.h"
#include "cgroups/hierarchy.h"
#include "runtime/state/record.h"

namespace nacre::state {

struct ContainerCgroup {
  cgroups::Hierarchy hierarchy;  // its descriptor is what the cgroup borrows
  cgroups::Cgroup cgroup;
};

// Nothing when the container was made without one, or when it is gone already.
Result<std::optional<ContainerCgroup>> open_cgroup(const Record& record);

}  // namespace nacre::state
