// SIGINT, SIGTERM and SIGHUP as a request to stop, for work that takes its time.
//
// To be made before any other thread, which then inherits the blocked signals. The first signal
// asks for a stop; whoever has not ended ten seconds later, or at a second signal, is ended on the
// spot: nothing here is lost by that, since everything survives a killed process.
#pragma once

#include <signal.h>

#include <atomic>
#include <memory>
#include <stop_token>
#include <thread>

#include "base/result.h"
#include "base/unique_fd.h"

namespace nacre::cli {

class Interrupts {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Interrupts>> watch();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
  // What the command ends with: 128 + the signal, with a word on standard error, when it was
  // stopped by one; otherwise `result`.
  [[nodiscard]] Result<int> status_of(Result<int> result, const char* what_is_kept) const;

 private:
  Interrupts(UniqueFd signals, UniqueFd ended, sigset_t before)
      : signals_(std::move(signals)), ended_(std::move(ended)), before_(before) {}
  void run();

  UniqueFd signals_, ended_;
  sigset_t before_;
  std::stop_source stop_;
  std::atomic<int> signal_ = 0;
  std::thread thread_;
};

}  // namespace nacre::cli
