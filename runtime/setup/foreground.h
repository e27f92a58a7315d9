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

// Until `process`, a child, ends. `master`: the container's terminal, shown on descriptors 0 and 1,
// or closed. Gives the status as shells do: 0..255, 128 + n for signal n.
[[nodiscard]] Result<int> wait_in_foreground(const SignalRelay& relay, const sys::PidFd& process,
                                             UniqueFd master);

}  // namespace nacre::setup
