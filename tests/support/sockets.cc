#include "tests/support/sockets.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "tests/support/command.h"

namespace nacre::test {
namespace {

UniqueFd bound_socket(int type, const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  EXPECT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0)
      << path << ": " << std::strerror(errno);
  return fd;
}

bool wait_readable(int fd, const std::string& what) {
  pollfd entry{fd, POLLIN, 0};
  const bool ready = ::poll(&entry, 1, static_cast<int>(time_limit().count())) == 1;
  if (!ready) ADD_FAILURE() << "nothing came on " << what << " in time";
  return ready;
}

}  // namespace

FdReceiver::FdReceiver(std::string path)
    : path_(std::move(path)), listener_(bound_socket(SOCK_STREAM, path_)) {
  EXPECT_EQ(::listen(listener_.get(), 1), 0);
}

FdReceiver::~FdReceiver() { ::unlink(path_.c_str()); }

ReceivedFd FdReceiver::receive() {
  ReceivedFd received;
  if (!wait_readable(listener_.get(), path_)) return received;
  const UniqueFd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!wait_readable(peer.get(), path_)) return received;
  std::array<char, 8192> data{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(4 * sizeof(int))> control{};
  iovec part{data.data(), data.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t n = ::recvmsg(peer.get(), &message, MSG_CMSG_CLOEXEC);
  EXPECT_GE(n, 0) << std::strerror(errno);
  if (n > 0) received.data.assign(data.data(), static_cast<std::size_t>(n));
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      received.fd.reset(fd);
      ++received.count;
    }
  }
  return received;
}

NotifySocket::NotifySocket(std::string path)
    : path_(std::move(path)), socket_(bound_socket(SOCK_DGRAM, path_)) {}

NotifySocket::~NotifySocket() { ::unlink(path_.c_str()); }

std::string NotifySocket::receive() {
  if (!wait_readable(socket_.get(), path_)) return {};
  std::array<char, 8192> data{};
  const ssize_t n = ::recv(socket_.get(), data.data(), data.size(), 0);
  EXPECT_GE(n, 0) << std::strerror(errno);
  return n > 0 ? std::string(data.data(), static_cast<std::size_t>(n)) : std::string();
}

}  // namespace nacre::test
