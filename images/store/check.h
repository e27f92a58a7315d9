// Whether what is recorded is there, whole and unchanged.
#pragma once

#include <vector>

#include "images/store/core.h"

namespace nacre::images {

[[nodiscard]] Result<std::vector<Damage>> check(Core& core, const CheckOptions& options);

}  // namespace nacre::images
