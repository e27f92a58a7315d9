// What a new inode gets by itself, so that only what differs has to be set.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "sys/fds.h"

namespace nacre::images::layers {

struct Birth {
  std::uint32_t uid = 0, gid = 0;
  std::uint32_t lost = 0;  // permission bits that the umask takes

  [[nodiscard]] std::uint32_t mode(std::uint32_t asked) const { return asked & ~lost; }
};

// Makes an empty directory fit to take a layer: nothing may be passed on to what is made in it (a
// set-group-id bit, a default ACL that an administrator gave the data root). Then tries with one
// file, which is removed again, what a new one gets: filesystems mounted with `grpid` and the umask
// decide too. The umask must not change while the layer is unpacked.
[[nodiscard]] Result<Birth> prepare_target(const sys::DirFd& directory);

}  // namespace nacre::images::layers
