// What a layer left to the ones below it, as a small layer to lie right above it.
//
// Directories without an entry of their own get the owner, mode and attributes that the layers
// below give them; hard links to files of the layers below become copies, the file and the link
// together, so that they are one file again. Where a layer below has a symlink and this one a
// directory of the same name, the directory stays as it is: it hides the link (as with every engine
// that unpacks layers alone).
#pragma once

#include "base/result.h"
#include "images/layers/layers.h"
#include "images/store/layer_info.h"
#include "sys/fds.h"

namespace nacre::images {

struct FixupSources {
  const LayerInfo& info;
  FdRef layer;  // the layer alone
  FdRef below;  // all layers below it, merged: a mount
  WhiteoutForm form = WhiteoutForm::kTrusted;
};

// Writes into `into`, an empty directory; false: nothing differs and nothing was written. What was
// written is durable but for the name of `into`. failed_precondition when a link leads nowhere.
[[nodiscard]] Result<bool> build_fixup(const FixupSources& sources, FdRef into);

}  // namespace nacre::images
