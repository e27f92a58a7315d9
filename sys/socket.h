// Unix sockets and the passing of descriptors. Allocation free.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <cstring>

#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::sys {

struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};
// type: SOCK_STREAM or SOCK_SEQPACKET; both ends close-on-exec.
[[nodiscard]] inline Outcome<SocketPair> socketpair(int type) noexcept {
  int ends[2] = {-1, -1};
  const auto done = call<void>(__NR_socketpair, AF_UNIX, type | SOCK_CLOEXEC, 0, ends);
  if (!done) return std::unexpected(done.error());
  return SocketPair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}
[[nodiscard]] inline Outcome<UniqueFd> socket(int family, int type, int protocol = 0) noexcept {
  return call<UniqueFd>(__NR_socket, family, type | SOCK_CLOEXEC, protocol);
}
// ENAMETOOLONG when the path does not fit a sockaddr_un (107 bytes): reach it through
// /proc/self/fd/N/name instead.
[[nodiscard]] inline Outcome<sockaddr_un> unix_address(const char* path) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::size_t length = 0;
  for (; path[length] != '\0'; ++length) {
    if (length + 1 >= sizeof address.sun_path) return std::unexpected(Errno{ENAMETOOLONG});
    address.sun_path[length] = path[length];
  }
  return address;
}
[[nodiscard]] inline Outcome<void> connect(FdRef socket, const sockaddr_un& address) noexcept {
  return call<void>(__NR_connect, socket.get(), &address, sizeof address);
}
[[nodiscard]] inline Outcome<void> bind(FdRef socket, const sockaddr_un& address) noexcept {
  return call<void>(__NR_bind, socket.get(), &address, sizeof address);
}
[[nodiscard]] inline Outcome<void> listen(FdRef socket, int backlog) noexcept {
  return call<void>(__NR_listen, socket.get(), backlog);
}
[[nodiscard]] inline Outcome<UniqueFd> accept(FdRef socket) noexcept {
  return call<UniqueFd>(__NR_accept4, socket.get(), nullptr, nullptr, SOCK_CLOEXEC);
}

// One message of `size` bytes (at least one) with one descriptor attached, or none when fd is
// negative.
[[nodiscard]] inline Outcome<std::size_t> send_with_fd(FdRef socket, const void* bytes,
                                                       std::size_t size, int fd) noexcept {
  iovec part{const_cast<void*>(bytes), size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    __builtin_memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return call<std::size_t>(__NR_sendmsg, socket.get(), &message, MSG_NOSIGNAL);
}

struct Received {
  std::size_t size = 0;  // 0: the other end is closed
  UniqueFd fd;           // the descriptor that came along, if any (close-on-exec)
};
[[nodiscard]] inline Outcome<Received> receive_with_fd(FdRef socket, void* buffer,
                                                       std::size_t size) noexcept {
  iovec part{buffer, size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const auto got = call<std::size_t>(__NR_recvmsg, socket.get(), &message, MSG_CMSG_CLOEXEC);
  if (!got) return std::unexpected(got.error());
  Received received{*got, UniqueFd()};
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    __builtin_memcpy(&fd, CMSG_DATA(header), sizeof fd);
    received.fd.reset(fd);
  }
  return received;
}

}  // namespace nacre::sys
