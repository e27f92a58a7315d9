// One call to the kernel made as somebody else, with all capabilities.
#pragma once

#include <cstdint>

#include "sys/syscall.h"

namespace nacre::images {

struct OwnerIds {
  std::uint32_t uid = 0, gid = 0;
};

// `call` runs in a child process (a copy of this one, which does nothing else) whose file-system
// ids are the owner's. In this process the change would make all of it undumpable (prctl(2),
// PR_SET_DUMPABLE) and would have to be taken back.
//
// An overlay works in its layers as who created it. With idmapped layers root is nobody there, may
// not make the work directory's content, and the kernel falls back to a read-only mount.
using OwnerCall = sys::Outcome<void> (*)(const void* argument);
[[nodiscard]] sys::Outcome<void> call_as_owner(const OwnerIds& owner, OwnerCall call,
                                               const void* argument);

}  // namespace nacre::images
