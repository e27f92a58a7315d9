// Random bytes from the kernel.
#pragma once

#include "sys/syscall.h"

namespace nacre::sys {

// getrandom(2) (3.17) from the pool that is seeded; up to 256 bytes come whole and are not
// interrupted by signals.
[[nodiscard]] inline Outcome<std::size_t> getrandom(void* buffer, std::size_t size) noexcept {
  return call<std::size_t>(__NR_getrandom, buffer, size, 0);
}

}  // namespace nacre::sys
