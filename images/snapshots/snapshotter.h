// Snapshots in containerd's words: prepare, view, mounts, commit, remove, stat, walk, usage.
//
// A snapshot stands on the layers of an image or on a committed snapshot. An active one has a layer
// of its own on top that is written to; commit freezes that layer where it lies, whatever its size,
// and from then on others may stand on it. Nothing is ever attached: mounts() gives a detached
// mount.
//
// On disk: containers/<key>-<random>/ with upper/ and work/. The record alone says which folder is
// whose, so that a commit is one transaction and nothing else. Order of making: folder, record; of
// removing: record, trash. What a killed process leaves is a folder without a record, which
// discard_garbage() removes.
//
// Thread-safe; any number of processes may work on one store. Errors name the snapshot. No method
// looks whether a snapshot is mounted: freezing or removing what is being written to is up to the
// caller.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "images/snapshots/overlay.h"
#include "images/snapshots/snapshot.h"
#include "images/store/store.h"

namespace nacre::images {

struct PrepareOptions {
  // For what ends with this run of the machine anyway (`--rm`): nothing is synced, not even by the
  // container itself, and after a restart of the machine it is removed as garbage. Survives a
  // killed process like everything else.
  bool ephemeral = false;
};

struct MountOptions {
  // A user namespace, borrowed: the container's root owns what the disk says is root's (Linux
  // 5.19). -1: owners as they are on the disk.
  FdRef userns{-1};
};

struct CommitOptions {
  // False: returns before what was written is on the disk; the snapshot is not `durable` then.
  bool sync = true;
};

class Snapshotter {
 public:
  // `store` is borrowed and must outlive it. Registers itself with the store's collection: at most
  // one for each Store object, made before the store is used by several threads.
  [[nodiscard]] static Result<std::unique_ptr<Snapshotter>> open(Store& store,
                                                                 OverlayFeatures features);
  virtual ~Snapshotter() = default;

  // A new active snapshot. Its root directory has the owner, mode and attributes of what it stands
  // on. already_exists, not_found (the base), failed_precondition (the base is not committed, a
  // layer is not extracted, more layers than the kernel mounts).
  [[nodiscard]] virtual Result<SnapshotInfo> prepare(const std::string& key,
                                                     const SnapshotBase& base,
                                                     const PrepareOptions& options) = 0;
  // A new read-only one, with nothing of its own. Of an empty root it is an error.
  [[nodiscard]] virtual Result<SnapshotInfo> view(const std::string& key, const SnapshotBase& base,
                                                  const PrepareOptions& options) = 0;
  // A new detached mount of an active snapshot or a view. An active one may be mounted once at a
  // time only (the kernel would merely warn). An ephemeral one from before the machine's last start
  // is failed_precondition.
  [[nodiscard]] virtual Result<sys::MountFd> mounts(const std::string& key,
                                                    const MountOptions& options) = 0;
  // What mounts() would mount, for whoever reads the layers one by one (a diff).
  [[nodiscard]] virtual Result<OverlayMount> layers(const std::string& key) = 0;
  // The active snapshot `key` becomes the committed snapshot `name`; `key` is free again. Must not
  // be written to any more.
  [[nodiscard]] virtual Result<SnapshotInfo> commit(const std::string& name, const std::string& key,
                                                    const CommitOptions& options) = 0;
  // What was committed without `sync` is on the disk when it returns.
  [[nodiscard]] virtual Result<void> make_durable(const std::string& name) = 0;
  // failed_precondition when others stand on it; they are named.
  [[nodiscard]] virtual Result<void> remove(const std::string& key) = 0;

  [[nodiscard]] virtual Result<SnapshotInfo> stat(const std::string& key) = 0;
  // By key. All see one state of the records; `visit` may change them. Its first error ends it.
  using Visitor = std::function<Result<void>(const SnapshotInfo&)>;
  [[nodiscard]] virtual Result<void> walk(const Visitor& visit) = 0;
  // Looks at every file of the snapshot's own layer; of a committed one only the first time.
  [[nodiscard]] virtual Result<SnapshotUsage> usage(const std::string& key) = 0;

  // Moves into the trash what killed processes left, and removes ephemeral snapshots of before the
  // machine's last start; how many. Leaves it for another time when somebody is making something.
  [[nodiscard]] virtual Result<std::uint64_t> discard_garbage() = 0;
  // Records whose folder is missing.
  [[nodiscard]] virtual Result<std::vector<Damage>> check() = 0;
};

}  // namespace nacre::images
