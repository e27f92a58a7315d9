// Snapshots as values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "oci-spec/image/digest.h"

namespace nacre::images {

// kActive: may be written. kView: may be read. kCommitted: frozen, others may stand on it.
enum class SnapshotKind : std::uint8_t { kActive, kView, kCommitted };

// What a snapshot stands on: the layers of an image, bottom first (none: an empty root), or a
// committed snapshot.
using SnapshotBase = std::variant<std::vector<oci::Digest>, std::string>;

struct SnapshotInfo {
  std::string key;
  SnapshotKind kind = SnapshotKind::kActive;
  SnapshotBase base;
  std::int64_t created = 0;  // seconds since 1970
  std::int64_t updated = 0;
  // Nothing of it is meant to outlive this run of the machine; nothing was synced.
  bool ephemeral = false;
  // Of a committed one: whether everything in it is on the disk.
  bool durable = false;
  friend bool operator==(const SnapshotInfo&, const SnapshotInfo&) = default;
};

// What a snapshot's own layer takes, without what it stands on.
struct SnapshotUsage {
  std::uint64_t bytes = 0;   // on the disk
  std::uint64_t inodes = 0;  // hard links once
  friend bool operator==(const SnapshotUsage&, const SnapshotUsage&) = default;
};

[[nodiscard]] const char* to_text(SnapshotKind kind);  // "active", "view", "committed"

}  // namespace nacre::images
