// What this kernel's overlay can be told, found out once by trying.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace nacre::images {

// How layers are handed to the kernel.
enum class LayerPassing : std::uint8_t {
  kDescriptor,        // fsconfig(FSCONFIG_SET_FD), 6.13
  kAppendedPath,      // "lowerdir+" with /proc/thread-self/fd/N, 6.7
  kPrivateNamespace,  // mount(2) with short relative names, in a mount namespace of its own
};

struct OverlayFeatures {
  LayerPassing passing = LayerPassing::kPrivateNamespace;
  // A layer may be a mount that is attached nowhere (6.15); idmapped layers are such.
  bool detached_layers = false;
};

// Needs the right to mount (root, or root of a user namespace). kUnsupported: this kernel has no
// overlay.
[[nodiscard]] Result<OverlayFeatures> probe_overlay();

}  // namespace nacre::images
