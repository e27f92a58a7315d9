// Descriptors by role: a directory cannot be passed where a mount is meant.
#pragma once

#include <fcntl.h>

#include "base/unique_fd.h"

namespace nacre::sys {

// An open directory, or an O_PATH handle on one; the starting point of every relative path.
struct DirFd : UniqueFd {
  using UniqueFd::UniqueFd;
};
// A detached mount (open_tree with OPEN_TREE_CLONE, fsmount) until move_mount attaches it.
struct MountFd : UniqueFd {
  using UniqueFd::UniqueFd;
};
// A configuration context of fsopen.
struct FsContextFd : UniqueFd {
  using UniqueFd::UniqueFd;
};
// A namespace (nsfs file).
struct NsFd : UniqueFd {
  using UniqueFd::UniqueFd;
};
// A process, immune to reuse of its number.
struct PidFd : UniqueFd {
  using UniqueFd::UniqueFd;
};

inline constexpr FdRef kCwd{AT_FDCWD};

}  // namespace nacre::sys
