// Room for making room. Removing records takes some space before it gives any back; on a disk that
// others have filled there is none. So the data root holds a file that can be given up.
#pragma once

#include <utility>

#include "base/result.h"
#include "images/store/layout.h"

namespace nacre::images {

inline constexpr std::size_t kReserveBytes = std::size_t{2} << 20U;

// Unless it is there. On a disk without room for it there simply is none.
[[nodiscard]] Result<void> make_reserve(const Layout& layout);
// Whether there was one to give up.
[[nodiscard]] bool spend_reserve(const Layout& layout);

// Runs an action that frees space; when the disk is full, once more without the reserve.
template <class Action>
[[nodiscard]] auto with_reserve(const Layout& layout, Action action) {
  auto done = action();
  if (done || done.error().code() != ErrorCode::kResourceExhausted) return done;
  return spend_reserve(layout) ? action() : done;
}

}  // namespace nacre::images
