// Turns what lies on disk into entries of an archive: one call, one entry.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "images/layers/attributes.h"
#include "images/layers/ids.h"
#include "images/layers/layers.h"
#include "images/tar/writer.h"
#include "sys/fds.h"

namespace nacre::images::layers {

class EntryWriter {
 public:
  EntryWriter(Sink& sink, const DiffOptions& options);

  // "" is the root, written as "./".
  [[nodiscard]] Result<void> directory(const std::string& path, FdRef fd);
  // A regular file whose bytes are those of `data` (`file` itself, or a lower layer's).
  // A file that changes while it is read is read again, unless it is so large that its header has
  // to be written first: then, and when it does not come to rest, kUnavailable.
  [[nodiscard]] Result<void> file(const std::string& path, FdRef file, FdRef data);
  // A symlink, device or FIFO.
  [[nodiscard]] Result<void> special(const std::string& path, FdRef directory,
                                     const std::string& name, const struct statx& seen);
  // Another name of an inode that has been written; false when it has not, and then `path` is its
  // first name.
  [[nodiscard]] Result<bool> hard_link(const std::string& path, const struct statx& seen);

  // What the layers below have at `path`; in `directory`, all of it.
  [[nodiscard]] Result<void> whiteout(const std::string& directory, const std::string& name);
  [[nodiscard]] Result<void> opaque(const std::string& directory);

  [[nodiscard]] Result<void> finish() { return tar_.finish(); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  [[nodiscard]] Result<tar::Entry> describe(const std::string& path, const struct statx& seen,
                                            const Xattrs& attributes) const;
  [[nodiscard]] Result<bool> small_file(const std::string& path, FdRef file, FdRef data,
                                        const struct statx& before);
  [[nodiscard]] Result<void> large_file(const std::string& path, FdRef file, FdRef data,
                                        const struct statx& before);

  tar::Writer tar_;
  Ids ids_;
  std::int64_t clamp_mtime_;
  std::vector<std::byte> buffer_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint64_t>, std::string> links_;
  std::uint64_t bytes_ = 0;
};

}  // namespace nacre::images::layers
