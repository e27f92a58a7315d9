// Keys of snapshots become part of file names.
#pragma once

#include <string_view>

#include "base/result.h"

namespace nacre::images {

// Leaves room in a file name for what makes a folder's name unique.
inline constexpr std::size_t kLongestKey = 200;

// Letters, digits, '.', '_', '-', the first one a letter or a digit; at most kLongestKey of them.
[[nodiscard]] Result<void> check_key(std::string_view key);

}  // namespace nacre::images
