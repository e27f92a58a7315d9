// A root filesystem becomes an image of one layer, and an image becomes a root filesystem.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "images/compose/compose.h"
#include "images/snapshots/snapshotter.h"
#include "images/store/store.h"

namespace nacre::images {

struct ImportOptions {
  oci::RunConfig config;
  std::optional<oci::Platform> platform;  // nothing: this machine's
  std::string author, comment;
  std::int64_t created = -1;      // seconds since 1970; -1: now
  std::int64_t clamp_mtime = -1;  // of a directory (SOURCE_DATE_EPOCH); -1: none
  Compressing compressing;
  bool unpack = true;
};

// An archive, compressed (gzip, zstd) or not; what is compressed already stays the blob it is, byte
// for byte. Without a name: Store::put_image. `bytes_read` may be empty: told from another thread.
[[nodiscard]] Result<NewImage> import_archive(Store& store, const Lease& lease, Source& archive,
                                              const ImportOptions& options,
                                              const std::function<void(std::uint64_t)>& bytes_read,
                                              const std::stop_token& stop);

// A tree as it lies there: owners, modes, times, attributes, hard links. It must not change
// meanwhile; other file systems mounted in it are left out.
[[nodiscard]] Result<NewImage> import_directory(
    Store& store, const Lease& lease, const sys::DirFd& tree, const ImportOptions& options,
    const std::function<void(std::uint64_t)>& bytes_read, const std::stop_token& stop);

// What a container of `image` (a manifest) would see, as one archive without whiteouts. Needs the
// right to mount. The layers must have been unpacked.
[[nodiscard]] Result<void> export_rootfs(Store& store, Snapshotter& snapshotter,
                                         const oci::Descriptor& image, Sink& tar,
                                         const std::function<void(std::uint64_t)>& bytes_written,
                                         const std::stop_token& stop);

}  // namespace nacre::images
