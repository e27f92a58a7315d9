// Removal of a directory with everything in it, relative to open directories only.
#pragma once

#include <string>

#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::state {

// Removes what is in `dir`, not `dir` itself. Symlinks are removed, never followed; what vanishes
// meanwhile is no error. ELOOP when the tree is deeper than any that the runtime makes.
sys::Outcome<void> remove_children(FdRef dir);

}  // namespace nacre::state
