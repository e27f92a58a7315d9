// What a tree takes on the disk.
#pragma once

#include "base/result.h"
#include "images/snapshots/snapshot.h"
#include "sys/fds.h"

namespace nacre::images {

// With the root. An inode with several names counts once.
[[nodiscard]] Result<SnapshotUsage> tree_usage(FdRef root);

}  // namespace nacre::images
