// Descriptors that callers pass in the environment or by number (systemd's LISTEN_FDS,
// --preserve-fds).
#pragma once

#include "base/result.h"

namespace nacre::commands {

struct PassedFds {
  int listen = 0;    // sockets by LISTEN_FDS, from descriptor 3 on; counted only when LISTEN_PID is
                     // this process
  int preserve = 0;  // all that the container keeps: listen + --preserve-fds
};

// Every one of them must be open: `unable to stat preserved-fd 4 (of 2): bad file descriptor`.
[[nodiscard]] Result<PassedFds> find_passed_fds(int preserve_fds);

}  // namespace nacre::commands
