// What people write, and the image that they mean. Pure: works on a list of images.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/service/image.h"

namespace nacre::images {

struct Resolved {
  const ImageSummary* image = nullptr;  // in the list given
  // The name that was meant; null when it was given by its ID or by a digest alone.
  const NamedTarget* name = nullptr;
  oci::Descriptor target;
};

// In this order: a whole digest ("sha256:..." or 64 digits: an ID, a manifest's or an index's), a
// name in any form (with a digest: of an image that was pulled so, or that the name's repository
// has here), the beginning of an ID. kNotFound; invalid_argument for what several IDs begin with,
// and for what is neither a name nor an ID.
[[nodiscard]] Result<Resolved> resolve(const std::vector<ImageSummary>& images,
                                       std::string_view text);

}  // namespace nacre::images
