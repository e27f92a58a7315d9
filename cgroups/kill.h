// The processes of a cgroup and everything below it: counting and killing them.
#pragma once

#include <vector>

#include "base/result.h"
#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::cgroups {

// Pids as the kernel shows them here: 0 is a process outside the caller's pid namespace. Unsorted.
[[nodiscard]] sys::Outcome<std::vector<int>> list_processes(FdRef cgroup);

// cgroup.kill where there is one (5.14), else kill_each().
[[nodiscard]] Result<void> kill_all(FdRef cgroup);

// For older kernels. The cgroup is frozen meanwhile, so that no process can be born behind the back
// of the list; SIGKILL reaches frozen processes too.
[[nodiscard]] Result<void> kill_each(FdRef cgroup);

}  // namespace nacre::cgroups
