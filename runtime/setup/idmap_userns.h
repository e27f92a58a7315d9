// A user namespace that exists only to carry the id maps of idmapped mounts
// (mount_setattr(2), 5.12).
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/plan/plan.h"

namespace nacre::setup {

// The process that made it is gone when this returns; the descriptor alone keeps it.
[[nodiscard]] Result<UniqueFd> make_idmap_userns(const plan::IdMaps& maps);

}  // namespace nacre::setup
