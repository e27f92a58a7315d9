// What `run` and `exec` do while the container's process lives: pass on signals, terminal bytes and
// the window's size, and bring back the exit status.
#pragma once

#include "base/result.h"
#include "sys/fds.h"

namespace nacre::setup {

// Holds back every signal that can be passed on. To be made before the launch: what arrives earlier
// is then delivered to the container's process instead of ending the runtime.
class SignalRelay {
 public:
  static Result<SignalRelay> create();

  // The next signal to pass on (never SIGCHLD), or 0 when none is waiting.
  [[nodiscard]] Result<int> next() const;
  [[nodiscard]] FdRef fd() const { return signals_; }

 private:
  explicit SignalRelay(UniqueFd signals) : signals_(std::move(signals)) {}
  UniqueFd signals_;
};

// Something else to look after meanwhile.
class EventSource {
 public:
  [[nodiscard]] virtual FdRef fd() const = 0;
  // Called when fd is readable. True: it is done and need not be watched any more.
  virtual Result<bool> on_event() = 0;

 protected:
  ~EventSource() = default;
};

// Until `process`, a child, ends. `master`: the container's terminal, shown on descriptors 0 and 1,
// or closed. `other` may be null. Gives the status as shells do: 0..255, 128 + n for signal n.
[[nodiscard]] Result<int> wait_in_foreground(const SignalRelay& relay, const sys::PidFd& process,
                                             UniqueFd master, EventSource* other = nullptr);

}  // namespace nacre::setup
