// The way to many layers on kernels before 6.7, and to idmapped layers before 6.15.
//
// mount(2) takes one page of options, and layers must be attached to the caller's mount namespace.
// A thread makes itself a mount namespace, attaches there one clone of each layer under the names
// 0, 1, 2 and so on in a tmpfs, goes there and mounts with `lowerdir=0:1:2`. What it hands out is a
// detached clone of that mount; the namespace and everything in it ends with the thread.
#pragma once

#include "base/result.h"
#include "images/snapshots/overlay.h"

namespace nacre::images {

[[nodiscard]] Result<sys::MountFd> make_overlay_in_namespace(const OverlayMount& overlay);

// The options of mount(2) for `lowers` layers named as above and an upper below "w".
[[nodiscard]] std::string namespace_options(const OverlayMount& overlay);

}  // namespace nacre::images
