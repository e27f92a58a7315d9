// Paths inside the container: always from the root's descriptor, never leaving it, whatever
// symbolic links say (CVE-2021-30465, CVE-2024-45310). A link to an absolute path means the
// container's root (RESOLVE_IN_ROOT, 5.6).
#pragma once

#include "runtime/init/init.h"

namespace nacre::init {

// An O_PATH handle on what `path` names. open_flags: O_NOFOLLOW, O_DIRECTORY or 0.
[[nodiscard]] Outcome<UniqueFd> resolve(const Init& init, const char* path, int open_flags = 0);

enum class Make { kDirectory, kFile };

// The same, making what is missing: directories 0755 on the way, and at the end a directory or an
// empty file of `mode`. A symbolic link that leads nowhere is followed inside the root and its
// target made, as runc does.
[[nodiscard]] Outcome<UniqueFd> resolve_or_make(const Init& init, const char* path, Make kind,
                                                std::uint32_t mode, int open_flags = 0);

struct ParentAndName {
  UniqueFd parent;
  const char* name;  // points into `path`
};
// The directory that holds the last component, made if missing, and that component.
[[nodiscard]] Outcome<ParentAndName> make_parent(const Init& init, const char* path);

}  // namespace nacre::init
