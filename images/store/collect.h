// What no root keeps goes: first the records, in one transaction, then what lies on the disk
// without a record.
#pragma once

#include <functional>
#include <vector>

#include "images/store/core.h"

namespace nacre::images {

[[nodiscard]] Result<Collected> collect(Core& core,
                                        const std::vector<Store::Collector>& collectors);

}  // namespace nacre::images
