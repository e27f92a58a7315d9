#include "images/snapshots/tree_usage.h"

#include <string>
#include <unordered_set>

#include "images/snapshots/tree_walk.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

constexpr std::uint64_t kBlock = 512;  // stx_blocks counts these, whatever the file system has

void count(SnapshotUsage& usage, const struct statx& seen) {
  usage.bytes += seen.stx_blocks * kBlock;
  ++usage.inodes;
}

}  // namespace

Result<SnapshotUsage> tree_usage(FdRef root) {
  SnapshotUsage usage;
  const auto top = NACRE_TRY_CTX(sys::fstatx(root), "stat the root");
  count(usage, top);
  std::unordered_set<std::uint64_t> counted;  // one file system: no mount is entered
  NACRE_TRY(
      walk_tree(root, [&](FdRef, const std::string&, const struct statx& seen) -> Result<bool> {
        const bool again =
            seen.stx_nlink > 1 && !S_ISDIR(seen.stx_mode) && !counted.insert(seen.stx_ino).second;
        if (!again) count(usage, seen);
        return true;
      }));
  return usage;
}

}  // namespace nacre::images
