// The options that do not name layers; overlay.h says why each is as it is.
#pragma once

#include <vector>

#include "images/snapshots/overlay.h"

namespace nacre::images {

struct OverlayOption {
  const char* key;
  const char* value;  // "": a flag
};

[[nodiscard]] std::vector<OverlayOption> overlay_options(const OverlayMount& overlay);

}  // namespace nacre::images
