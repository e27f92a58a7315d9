// Making and removing the directories of a cgroup path.
#pragma once

#include "base/result.h"
#include "cgroups/place.h"

namespace nacre::cgroups {

// The last component and every missing one before it. Whether the last one is new.
[[nodiscard]] Result<bool> make_directories(const Place& place);

// See Cgroup::remove(). `dir`: the cgroup itself, or -1 when it was never opened.
[[nodiscard]] Result<void> remove_directories(const Place& place, FdRef dir, int bound_ms);

}  // namespace nacre::cgroups
