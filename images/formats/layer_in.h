// A blob of an archive goes into the store, and is unpacked while it does.
#pragma once

#include <stop_token>

#include "images/formats/load_plan.h"

namespace nacre::images {

struct LayerContext {
  Store& store;
  const Lease& lease;
  Members& members;
  bool unpack = true;
  ProgressListener* progress = nullptr;
};

// Afterwards planned.blob has its digest. What is there already is not read. A blob or a layer that
// is not what was promised is invalid_argument, and nothing stays of it.
[[nodiscard]] Result<void> bring_blob(const LayerContext& context, PlannedBlob& planned,
                                      const std::stop_token& stop);

}  // namespace nacre::images
