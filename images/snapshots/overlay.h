// An overlay mount made from descriptors: no path of a layer is ever spelled out, so that neither
// its length nor a colon, a comma or a symlink in it matters, and nothing can be swapped in
// between.
//
// Options, and why:
//   index=off        the upper of a stopped snapshot becomes a layer below others, and a layer
//                    directory may be made anew from its blob: both are errors with an index.
//   redirect_dir=on  rename(2) of a directory that lies in a lower layer works instead of failing
//                    with EXDEV. What it leaves in the upper names a path in the layers below, and
//                    those never change under a snapshot. The kernel allows it with trusted.*
//                    attributes only. Layers that come from outside cannot bring any: unpacking
//                    drops them.
//   metacopy=off     a frozen layer holds whole files, so that it can be exported, compared and
//                    merged without the ones below it.
//   nfs_export=off   contradicts the two above, and a module parameter could turn it on.
//   xino=off         all layers lie on one file system, where inode numbers are stable without it.
//   uuid=off         nothing is written into a new upper just for its identity (5.12).
#pragma once

#include <vector>

#include "base/result.h"
#include "images/snapshots/overlay_features.h"
#include "sys/fds.h"

namespace nacre::images {

// The kernel's limit (OVL_MAX_STACK).
inline constexpr std::size_t kMaxLowerLayers = 500;

// Owns the descriptors; all may be O_PATH. The mount that is made needs none of them any more.
struct OverlayMount {
  // The topmost first; at most kMaxLowerLayers; none of them twice or below another.
  std::vector<sys::DirFd> lowers;
  // A directory with `upper` and `work` in it (side by side: both must lie on one mount), used by
  // no other mount at the same time: the kernel only warns, and what the two then read is
  // undefined. Empty: a read-only view.
  sys::DirFd writable;
  // Nothing is ever synced, neither by the container nor when it is unmounted (5.10). The work
  // directory remembers it, and the kernel refuses to mount it again.
  bool volatile_writes = false;
  // user.overlay.* attributes instead of trusted.overlay.*, for mounts in a user namespace (5.11).
  bool user_attributes = false;
  // A user namespace: what the disk says belongs to 0 belongs to whatever 0 is there (5.19). Empty:
  // owners as they are on disk.
  UniqueFd idmap;
};

// A detached mount. One layer without `writable` is a read-only bind clone, since an overlay needs
// two; `writable` without a layer is a clone of its upper. The error is the kernel's own words
// where it says any.
[[nodiscard]] Result<sys::MountFd> make_overlay(const OverlayMount& overlay,
                                                const OverlayFeatures& features);

}  // namespace nacre::images
