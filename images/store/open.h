// From the path of a data root to everything that works on it.
#pragma once

#include <memory>
#include <string>

#include "images/store/core.h"

namespace nacre::images {

[[nodiscard]] Result<std::unique_ptr<Core>> open_core(const std::string& root,
                                                      const StoreOptions& options);

}  // namespace nacre::images
