// What a snapshot stands on, opened: the layers of the snapshots below it and of the image.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "images/snapshots/fixups.h"
#include "images/snapshots/folders.h"
#include "images/snapshots/overlay.h"
#include "images/snapshots/records.h"
#include "images/store/store.h"

namespace nacre::images {

class Foundation {
 public:
  // All borrowed.
  Foundation(Store& store, const Fixups& fixups, const Folder& containers)
      : store_(store), fixups_(fixups), containers_(containers) {}

  // The snapshot and those that it stands on, the oldest last.
  [[nodiscard]] Result<std::vector<snapshots::Record>> lineage(const std::string& key) const;
  // All of a lineage. The first one, if active, is what is written to; its layer may be missing
  // from the disk only as damage (internal).
  [[nodiscard]] Result<OverlayMount> open(const std::vector<snapshots::Record>& line) const;
  // What a new snapshot is to stand on, top first. failed_precondition: not committed, or more
  // layers than the kernel mounts.
  [[nodiscard]] Result<std::vector<sys::DirFd>> open_base(const SnapshotBase& base) const;

 private:
  [[nodiscard]] Result<void> add_own(const snapshots::Record& record, OverlayMount& overlay) const;
  [[nodiscard]] Result<std::vector<sys::DirFd>> open_any(const SnapshotBase& base) const;

  Store& store_;
  const Fixups& fixups_;
  const Folder& containers_;
};

// failed_precondition, with the key, if it is not committed.
[[nodiscard]] Result<void> require_committed(const snapshots::Record& record);
// `snapshot "key"`
[[nodiscard]] std::string quoted(const std::string& key);

}  // namespace nacre::images
