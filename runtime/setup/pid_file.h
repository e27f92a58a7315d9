#pragma once

#include <string>

#include "base/result.h"

namespace nacre::setup {

// Decimal digits and nothing else: containerd and buildkit parse the whole file and accept no
// newline. Appears in one step, by rename from ".<name>" in the same directory.
[[nodiscard]] Result<void> write_pid_file(const std::string& path, int pid);

}  // namespace nacre::setup
