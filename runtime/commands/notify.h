// systemd's readiness protocol (sd_notify(3)) across the container's border: the container talks to
// a socket of its own below /run/notify; the runtime passes READY on to the caller's $NOTIFY_SOCKET
// and names the container's process as the main one.
#pragma once

#include <optional>

#include "base/result.h"
#include "runtime/setup/foreground.h"
#include "runtime/state/store.h"

namespace nacre::commands {

inline constexpr const char* kNotifyDirectory =
    "notify";  // in the state directory, mounted at /run/notify

class NotifyProxy final : public setup::EventSource {
 public:
  // Binds <state>/notify/notify.sock, which every user of the container may write to. Nothing when
  // the caller of `create` had no NOTIFY_SOCKET. Before the container's program runs.
  static Result<std::optional<NotifyProxy>> open(const state::ContainerDir& dir,
                                                 const state::Record& record);

  // Who is named as MAINPID; known to `run` only after the launch.
  void set_main_process(int pid) { pid_ = pid; }
  [[nodiscard]] FdRef fd() const override { return socket_; }
  // Takes one message. True once READY=1 has come and the caller has been told.
  Result<bool> on_event() override;

  // Until the container is ready or has ended.
  Result<void> wait(FdRef init);

 private:
  NotifyProxy(UniqueFd socket, std::string target, int pid)
      : socket_(std::move(socket)), target_(std::move(target)), pid_(pid) {}

  UniqueFd socket_;
  std::string target_;
  int pid_;
};

}  // namespace nacre::commands
