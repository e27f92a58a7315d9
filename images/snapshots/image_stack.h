// The layers of an image, opened, with what lies between them.
#pragma once

#include <vector>

#include "base/result.h"
#include "images/snapshots/fixups.h"
#include "images/store/store.h"
#include "sys/fds.h"

namespace nacre::images {

// Top first, as overlay wants them, from layers bottom first. A chain that is seen for the first
// time is examined and recorded. Layers below one that hides them all are left out, and of a layer
// that an image has twice the lower one.
// failed_precondition: a layer is not extracted; not_found: it is not there at all.
[[nodiscard]] Result<std::vector<sys::DirFd>> open_image_stack(
    Store& store, const Fixups& fixups, const std::vector<oci::Digest>& diff_ids);

}  // namespace nacre::images
