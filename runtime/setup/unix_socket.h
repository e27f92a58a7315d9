// Unix sockets at paths of any length: what does not fit a sockaddr_un (107 bytes) is reached
// through its directory's descriptor. Never an abstract name: those belong to a network namespace
// and have no owner (CVE-2020-15257).
#pragma once

#include <string>

#include "base/result.h"
#include "sys/fds.h"

namespace nacre::setup {

// type: SOCK_STREAM or SOCK_SEQPACKET. The sentence names the path.
[[nodiscard]] Result<UniqueFd> connect_socket(const std::string& path, int type);
[[nodiscard]] Result<UniqueFd> connect_socket_at(FdRef directory, const std::string& name,
                                                 int type);
[[nodiscard]] Result<UniqueFd> bind_at(FdRef directory, const std::string& name, int type);
[[nodiscard]] Result<UniqueFd> listen_at(FdRef directory, const std::string& name, int type);

// The protocol of --console-socket and --pidfd-socket: one message, one descriptor, its name as the
// data.
[[nodiscard]] Result<void> send_descriptor(FdRef socket, FdRef fd, const std::string& name);

}  // namespace nacre::setup
