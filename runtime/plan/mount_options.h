// The meaning of a mount's options: flags of the mount API, propagation, and what goes to the file
// system verbatim.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nacre::plan {

struct MountOptions {
  bool bind = false;
  bool recursive_bind = false;
  std::uint64_t set = 0;  // MOUNT_ATTR_* of the mount itself
  std::uint64_t clear = 0;
  std::uint64_t recursive_set = 0;  // the r-forms (rro, rnosuid ...): with everything below
  std::uint64_t recursive_clear = 0;
  std::vector<std::uint64_t> propagation;  // MS_SHARED ..., with MS_REC for the r-forms, in order
  bool tmpcopyup = false;
  bool idmap = false;
  bool recursive_idmap = false;
  bool readonly_superblock = false;  // "ro", for file systems with a device of their own
  std::vector<std::string>
      data;  // "size=64k", "nodev"-like words the table does not know: the file system decides
};

[[nodiscard]] Result<MountOptions> parse_mount_options(const std::vector<std::string>& options);

// Every option word that the table knows, sorted: the list that `features` prints.
[[nodiscard]] std::vector<std::string> known_mount_options();

// MS_* of linux.rootfsPropagation ("rslave" when empty), without MS_REC. Unknown words are an
// error.
[[nodiscard]] Result<std::uint64_t> parse_propagation(std::string_view word);

}  // namespace nacre::plan
