// What came out of a layer, from the tree in memory: the manifest's lines and the report. Needs no
// look at the disk.
#pragma once

#include "images/layers/layers.h"
#include "images/layers/tree.h"
#include "images/stream/stream.h"

namespace nacre::images::layers {

// Does not finish the sink. Everything of Applied but left_out.
[[nodiscard]] Result<Applied> write_manifest(Tree& tree, Sink& manifest);

}  // namespace nacre::images::layers
