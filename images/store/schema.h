// The store's own tables.
#pragma once

#include "images/store/database.h"

namespace nacre::images {

[[nodiscard]] SchemaPart store_schema();

}  // namespace nacre::images
