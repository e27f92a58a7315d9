// Layers as detached mounts of their own, with the owners translated.
#pragma once

#include "base/result.h"
#include "images/snapshots/as_owner.h"
#include "sys/fds.h"

namespace nacre::images {

// A detached copy of the mount that `directory` lies on, with `directory` as its root. With a user
// namespace its owners are translated (mount_setattr, 5.12).
[[nodiscard]] Result<sys::MountFd> clone_layer(FdRef directory, FdRef idmap_or_none);

// Who owns the directory `name` in a clone, as seen through it: of a directory that is root's on
// the disk, the user namespace's root.
[[nodiscard]] Result<OwnerIds> owner_in(FdRef clone, const char* name);

// "No user namespace" for clone_layer.
inline constexpr FdRef kNoIdmap{-1};

}  // namespace nacre::images
