// Layers as the store knows them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "oci-spec/image/digest.h"

namespace nacre::images {

// kStaged: known, but not to be used before it is unpacked again (what a power cut leaves of a
// layer that was not synced). kExtracted: usable until this machine stops. kDurable: synced.
enum class LayerState : std::uint8_t { kStaged, kExtracted, kDurable };

struct LayerInfo {
  oci::Digest diff_id;
  oci::Digest blob;  // what it was unpacked from; empty: made here
  LayerState state = LayerState::kStaged;
  std::uint64_t bytes = 0;    // content of regular files
  std::uint64_t entries = 0;  // files, directories, links
  std::int64_t created = 0;   // seconds since 1970
  bool opaque_root = false;   // hides everything below it: whoever mounts leaves that out
  // Paths (relative, no leading slash) that need a look at the layers below: docs/storage.md.
  // Sorted: parents before what is in them.
  std::vector<std::string> implied_directories;
  // link path -> target path, where the target is not in this layer. Sorted by link path.
  std::vector<std::pair<std::string, std::string>> deferred_links;
  // "path: what" could not be kept in a user's own store.
  std::vector<std::string> left_out;
  friend bool operator==(const LayerInfo&, const LayerInfo&) = default;
};

}  // namespace nacre::images
