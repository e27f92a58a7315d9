// The init program as a file to execute: the bytes that nacre-runtime carries, in a sealed memfd.
//
// A container can reach the file behind its own /proc/self/exe. That is never the host's
// nacre-runtime, and nobody can write to it (CVE-2019-5736).
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace nacre::setup {

// Close-on-exec; the caller's child lifts that for itself.
[[nodiscard]] Result<UniqueFd> open_init_image();

}  // namespace nacre::setup
