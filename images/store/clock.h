// What differs each time it is asked for: the time, a name nobody else has, this run of the
// machine.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace nacre::images {

[[nodiscard]] std::int64_t seconds_now();  // since 1970
// 32 hexadecimal digits from the kernel's random numbers.
[[nodiscard]] Result<std::string> random_name();
// Another one after each start of the machine: what was not synced under another id is not to be
// trusted.
[[nodiscard]] Result<std::string> read_boot_id();

}  // namespace nacre::images
