#include "images/snapshots/snapshot.h"

#include <array>

namespace nacre::images {

const char* to_text(SnapshotKind kind) {
  static constexpr std::array kNames = {"active", "view", "committed"};
  return kNames.at(static_cast<std::size_t>(kind));
}

}  // namespace nacre::images
