// index.json of a layout that gets more images. Pure.
#pragma once

#include <vector>

#include "base/result.h"
#include "oci-spec/image/index.h"

namespace nacre::images {

// `entries` are added to what is there. What had one of their names is replaced: the same whole
// name; of entries without one, the same tag. An image without a name replaces the same one without
// a name.
[[nodiscard]] oci::Index merged_index(oci::Index there,
                                      const std::vector<oci::Descriptor>& entries);

}  // namespace nacre::images
