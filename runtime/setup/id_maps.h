// Writing /proc/<pid>/uid_map and gid_map (user_namespaces(7)).
#pragma once

#include "base/result.h"
#include "runtime/plan/plan.h"

namespace nacre::setup {

// By this process where it has the right: with CAP_SETUID and CAP_SETGID, or for one own id
// (setgroups is denied first, as the kernel asks). Else by the set-user-id helpers newuidmap and
// newgidmap, which know /etc/subuid and /etc/subgid. The process must be waiting in its new user
// namespace.
[[nodiscard]] Result<void> write_id_maps(int pid, const plan::IdMaps& maps);

}  // namespace nacre::setup
