// The layers of an image as one stack: names for the stack and for each of its prefixes.
//
// image-spec 1.1, config.md, "Layer ChainID": ChainID(1) = DiffID(1),
// ChainID(n) = sha256(ChainID(n-1) + " " + DiffID(n)).
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "oci-spec/image/digest.h"

namespace nacre::images {

// One for each prefix, bottom first: as many as there are layers, which come bottom first too (the
// order of rootfs.diff_ids).
[[nodiscard]] Result<std::vector<oci::Digest>> chain_ids(std::span<const oci::Digest> diff_ids);

}  // namespace nacre::images
