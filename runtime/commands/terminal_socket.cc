#include "runtime/commands/terminal_socket.h"

#include "runtime/setup/unix_socket.h"
#include "sys/socket.h"

namespace nacre::commands {

Result<void> check_terminal(bool terminal, bool detach, const std::string& console_socket) {
  const bool socket = !console_socket.empty();
  if (terminal && detach && !socket) {
    return fail(
        invalid_argument("cannot allocate tty if runc will detach without setting console socket"));
  }
  if (socket && !(terminal && detach)) {
    return fail(
        invalid_argument("cannot use console socket if runc will not detach or allocate tty"));
  }
  return {};
}

Result<ConsoleSockets> connect_console(bool needed, bool detach,
                                       const std::string& console_socket) {
  ConsoleSockets sockets;
  if (!needed) return sockets;
  if (detach) {
    sockets.for_init = NACRE_TRY(setup::connect_socket(console_socket, SOCK_STREAM));
    return sockets;
  }
  auto pair = NACRE_TRY_CTX(sys::socketpair(SOCK_STREAM), "create a socket for the terminal");
  sockets.for_init = std::move(pair.theirs);
  sockets.ours = std::move(pair.ours);
  return sockets;
}

Result<UniqueFd> receive_terminal(const ConsoleSockets& sockets) {
  if (!sockets.ours) return UniqueFd();
  char name[64];
  auto received = NACRE_TRY_CTX(sys::receive_with_fd(sockets.ours, name, sizeof name),
                                "receive the container's terminal");
  if (!received.fd) return fail(internal_error("the init process sent no terminal"));
  return std::move(received.fd);
}

}  // namespace nacre::commands
