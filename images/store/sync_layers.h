// Layers become durable.
#pragma once

#include "images/store/core.h"

namespace nacre::images {

// One syncfs of the file system that layers/ is on, then the records of what was extracted before
// it. Against fsync of each file that is ten times quicker for a layer of many small files, because
// ext4 commits its journal once; it also waits for what others have written there
// (docs/storage.md, "States of a layer"). Writeback errors are reported by syncfs since 5.8; every
// layer that it should have made durable is then `staged`: to be unpacked again.
[[nodiscard]] Result<void> sync_layers(Core& core);

}  // namespace nacre::images
