// cgroup.freeze (5.2) and the "frozen" line of cgroup.events.
#pragma once

#include "base/result.h"
#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::cgroups {

inline constexpr int kShortFreeze = 1000;  // milliseconds

// See Cgroup::freeze(), thaw() and frozen().
[[nodiscard]] Result<void> freeze(FdRef cgroup, int bound_ms);
[[nodiscard]] Result<void> thaw(FdRef cgroup, int bound_ms);
[[nodiscard]] Result<bool> is_frozen(FdRef cgroup);

// Asks without waiting.
[[nodiscard]] sys::Outcome<void> request_thaw(FdRef cgroup);

}  // namespace nacre::cgroups
