#include "tests/integration/cli_image/slow_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/support/command.h"

namespace nacre::cli::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

}  // namespace

SlowProxy::SlowProxy(std::uint16_t to)
    : to_(to), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  // NOLINTNEXTLINE(*-reinterpret-cast): what the socket API asks for
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), plain, size) != 0 || ::listen(listener_.get(), 64) != 0 ||
      ::getsockname(listener_.get(), plain, &size) != 0)
    throw std::runtime_error("a listening socket");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

SlowProxy::~SlowProxy() {
  {
    const std::lock_guard held(lock_);
    ending_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  changed_.notify_all();
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  for (std::thread& worker : workers_) worker.join();
  for (const int fd : open_) ::close(fd);
}

void SlowProxy::hold_after(std::uint64_t bytes) {
  const std::lock_guard held(lock_);
  limit_ = passed_ + bytes;
  held_ = false;
}

bool SlowProxy::wait_until_held() {
  std::unique_lock held(lock_);
  return changed_.wait_for(held, nacre::test::time_limit(), [this] { return held_; });
}

void SlowProxy::release() {
  const std::lock_guard held(lock_);
  limit_ = ~std::uint64_t{0};
  changed_.notify_all();
}

std::uint64_t SlowProxy::passed() {
  const std::lock_guard held(lock_);
  return passed_;
}

void SlowProxy::accept_all() {
  for (;;) {
    const int client = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard held(lock_);
    if (client < 0 || ending_) {
      if (client >= 0) ::close(client);
      return;
    }
    open_.push_back(client);
    workers_.emplace_back([this, client] { serve(client); });
  }
}

void SlowProxy::serve(int client) {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(to_);
  // NOLINTNEXTLINE(*-reinterpret-cast): what the socket API asks for
  const auto* plain = reinterpret_cast<const sockaddr*>(&address);
  const bool connected = ::connect(server, plain, sizeof address) == 0;
  {
    const std::lock_guard held(lock_);
    open_.push_back(server);
    if (ending_ || !connected) ::shutdown(client, SHUT_RDWR);
    if (ending_ || !connected) return;
  }
  char bytes[16384];
  for (;;) {
    pollfd ends[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (::poll(ends, 2, -1) < 0) break;
    if (ends[0].revents != 0) {
      const ssize_t got = ::recv(client, bytes, sizeof bytes, 0);
      if (got <= 0) break;
      if (::send(server, bytes, static_cast<std::size_t>(got), MSG_NOSIGNAL) != got) break;
    }
    if (ends[1].revents != 0) {
      const ssize_t got = ::recv(server, bytes, sizeof bytes, 0);
      if (got <= 0 || !pass(client, bytes, static_cast<std::size_t>(got))) break;
    }
  }
  ::shutdown(client, SHUT_RDWR);
  ::shutdown(server, SHUT_RDWR);
}

bool SlowProxy::pass(int to, const char* bytes, std::size_t size) {
  {
    std::unique_lock held(lock_);
    if (passed_ + size > limit_) {
      held_ = true;
      changed_.notify_all();
      changed_.wait(held, [&] { return ending_ || passed_ + size <= limit_; });
      if (ending_) return false;
    }
    passed_ += size;
  }
  return ::send(to, bytes, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size);
}

}  // namespace nacre::cli::test
