// Descriptors of the directories that entries go to. Entries of one directory follow each other in
// archives, so most are found open.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "images/layers/tree.h"
#include "sys/fds.h"

namespace nacre::images::layers {

// Opens a directory by its path from `root`: every component has to be a real directory below it,
// on the same mount (openat2, 5.6). What an archive says cannot matter here any more, whatever
// went wrong before. "" is the root itself. Paths longer than PATH_MAX are walked in pieces.
[[nodiscard]] Result<sys::DirFd> open_below(FdRef root, const std::string& path, int flags);

class DirectoryCache {
 public:
  explicit DirectoryCache(FdRef root) : root_(root) {}

  // O_PATH. Valid until the next but one call: two can be used at once.
  [[nodiscard]] Result<FdRef> open(const Directory& directory);
  // After a directory was removed: its descriptors point at something that is gone.
  void clear();

 private:
  struct Slot {
    const Directory* directory = nullptr;
    sys::DirFd fd;
    std::uint64_t used = 0;
  };
  FdRef root_;
  std::array<Slot, 16> slots_;
  std::uint64_t clock_ = 0;
};

}  // namespace nacre::images::layers
