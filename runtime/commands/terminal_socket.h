// Where the master of a container's terminal goes: to the caller's console socket, or to this
// process in the foreground.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace nacre::commands {

// Every rule about who gets the terminal, before anything is made. The texts are runc's.
[[nodiscard]] Result<void> check_terminal(bool terminal, bool detach,
                                          const std::string& console_socket);

struct ConsoleSockets {
  UniqueFd for_init;  // closed: no terminal
  UniqueFd ours;      // open only in the foreground
};
[[nodiscard]] Result<ConsoleSockets> connect_console(bool needed, bool detach,
                                                     const std::string& console_socket);
// The master, after the launch; closed when it went elsewhere.
[[nodiscard]] Result<UniqueFd> receive_terminal(const ConsoleSockets& sockets);

}  // namespace nacre::commands
