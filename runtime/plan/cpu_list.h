// The kernel's list format ("0-3,7") as a bit mask.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace nacre::plan {

// Bit n of byte n / 8 for each number in the list, at least 128 bytes (1024 bits), in whole longs.
// At most 8192 bits.
[[nodiscard]] Result<std::string> parse_cpu_list(std::string_view list);

}  // namespace nacre::plan
