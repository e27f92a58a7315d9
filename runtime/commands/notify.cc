#include "runtime/commands/notify.h"

#include <array>

#include "base/text.h"
#include "runtime/setup/unix_socket.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace nacre::commands {
namespace {

constexpr int kBarrierPatience = 30000;  // milliseconds, as runc
constexpr std::size_t kMaxMessage = 4096;

bool is_ready(std::string_view message) {
  for (const std::string_view line : text::split(message, '\n')) {
    if (line == "READY=1") return true;
  }
  return false;
}

// BARRIER=1 carries the end of a pipe that systemd closes once it has read everything before it:
// only then may this process go, or the messages could no longer be attributed to the service.
Result<void> wait_for_barrier(FdRef target) {
  constexpr std::string_view kBarrier = "BARRIER=1";
  sys::Pipe pipe = NACRE_TRY_CTX(sys::pipe(), "create a pipe");
  static_cast<void>(
      NACRE_TRY_CTX(sys::send_with_fd(target, kBarrier.data(), kBarrier.size(), pipe.write.get()),
                    "send BARRIER to NOTIFY_SOCKET"));
  pipe.write.reset();
  pollfd closed{pipe.read.get(), 0, 0};
  static_cast<void>(NACRE_TRY_CTX(sys::poll(&closed, 1, kBarrierPatience), "wait for the barrier"));
  return {};
}

}  // namespace

Result<std::optional<NotifyProxy>> NotifyProxy::open(const state::ContainerDir& dir,
                                                     const state::Record& record) {
  if (record.notify_socket.empty()) return std::nullopt;
  const auto directory = NACRE_TRY_CTX(
      sys::openat(dir.dir(), kNotifyDirectory, O_PATH | O_DIRECTORY), "open the notify directory");
  // Born with the mode that lets every user of the container write to it.
  const std::uint32_t mask = sys::umask(0);
  auto bound = setup::bind_at(directory, "notify.sock", SOCK_DGRAM);
  sys::umask(mask);
  UniqueFd socket = NACRE_TRY(std::move(bound));
  return NotifyProxy(std::move(socket), record.notify_socket, record.pid);
}

Result<bool> NotifyProxy::on_event() {
  std::array<char, kMaxMessage> buffer;
  const std::size_t size =
      NACRE_TRY_CTX(sys::read(socket_, buffer.data(), buffer.size()), "read a notification");
  if (!is_ready({buffer.data(), size})) return false;
  const UniqueFd target = NACRE_TRY(setup::connect_socket(target_, SOCK_DGRAM));
  const std::string message = text::join("READY=1\nMAINPID=", pid_);
  static_cast<void>(NACRE_TRY_CTX(sys::send_with_fd(target, message.data(), message.size(), -1),
                                  "notify NOTIFY_SOCKET"));
  NACRE_TRY(wait_for_barrier(target));
  return true;
}

Result<void> NotifyProxy::wait(FdRef init) {
  for (;;) {
    std::array<pollfd, 2> events = {pollfd{socket_.get(), POLLIN, 0},
                                    pollfd{init.get(), POLLIN, 0}};
    const auto ready = sys::poll(events.data(), events.size(), -1);
    if (!ready && ready.error().value != EINTR) {
      return fail(Error::from_errno(ready.error(), "wait for the container to be ready"));
    }
    if (events[0].revents != 0) {
      if (NACRE_TRY(on_event())) return {};
    } else if (events[1].revents != 0) {
      return {};
    }
  }
}

}  // namespace nacre::commands
