// Brings a tree to the disk before somebody is told that it is there.
#pragma once

#include "base/result.h"
#include "sys/fds.h"

namespace nacre::images {

// A few files one by one, so that nobody waits for what others have written; many with one syncfs,
// which then is ten times quicker. Writeback errors are reported either way.
[[nodiscard]] Result<void> sync_tree(FdRef root);

}  // namespace nacre::images
