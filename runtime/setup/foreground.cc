#include "runtime/setup/foreground.h"

#include <sys/signalfd.h>

#include <array>

#include "runtime/setup/terminal.h"
#include "sys/io.h"
#include "sys/process.h"

namespace nacre::setup {
namespace {

// SIGKILL and SIGSTOP cannot be held back; the rest are about this process's own doing or its own
// terminal.
constexpr std::array kNotPassedOn = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS,  SIGILL, SIGFPE,
                                     SIGTRAP, SIGSYS,  SIGABRT, SIGTTOU, SIGTTIN};

std::uint64_t passed_on() {
  std::uint64_t mask = ~std::uint64_t{0};
  for (const int number : kNotPassedOn) {
    mask &= ~(std::uint64_t{1} << static_cast<unsigned>(number - 1));
  }
  return mask;
}

// Copies what is there once. False at the end of `from`.
bool pump(FdRef from, FdRef to) {
  std::array<char, 16384> chunk;
  const auto size = sys::read(from, chunk.data(), chunk.size());
  if (!size) return size.error().value == EINTR || size.error().value == EAGAIN;
  if (*size == 0) return false;
  return sys::write_all(to, {chunk.data(), *size}).has_value();
}

class Foreground {
 public:
  Foreground(const SignalRelay& relay, const sys::PidFd& process, UniqueFd master,
             EventSource* other)
      : relay_(relay),
        process_(process),
        other_(other),
        master_(std::move(master)),
        input_open_(master_.get() >= 0) {}

  Result<int> run() {
    const RawTerminal raw(FdRef(master_ ? 0 : -1));
    if (master_) copy_window_size(FdRef(0), master_);
    while (!ended_) NACRE_TRY(step());
    // What the program wrote last is still in the terminal.
    while (master_ && pump_ready(master_)) {
      if (!pump(master_, FdRef(1))) break;
    }
    return status();
  }

 private:
  Result<void> step() {
    std::array<pollfd, 5> events = {
        pollfd{process_.get(), POLLIN, 0}, pollfd{relay_.fd().get(), POLLIN, 0},
        pollfd{master_ ? master_.get() : -1, POLLIN, 0}, pollfd{input_open_ ? 0 : -1, POLLIN, 0},
        pollfd{other_ != nullptr ? other_->fd().get() : -1, POLLIN, 0}};
    const auto ready = sys::poll(events.data(), events.size(), -1);
    if (!ready && ready.error().value != EINTR) {
      return fail(Error::from_errno(ready.error(), "wait for the container's process"));
    }
    if (events[1].revents != 0) NACRE_TRY(pass_on_signals());
    if (events[2].revents != 0 && !pump(master_, FdRef(1))) master_.reset();
    if (events[3].revents != 0 && !(master_ && pump(FdRef(0), master_))) input_open_ = false;
    if (events[4].revents != 0 && NACRE_TRY(other_->on_event())) other_ = nullptr;
    ended_ = events[0].revents != 0;
    return {};
  }

  Result<void> pass_on_signals() {
    for (;;) {
      const int number = NACRE_TRY(relay_.next());
      if (number == 0) return {};
      if (number == SIGWINCH && master_) {
        copy_window_size(FdRef(0), master_);
        continue;
      }
      const auto sent = sys::pidfd_send_signal(process_, number);
      if (!sent && sent.error().value != ESRCH) {
        return fail(Error::from_errno(sent.error(), "pass a signal on to the container"));
      }
    }
  }

  static bool pump_ready(FdRef fd) {
    pollfd event{fd.get(), POLLIN, 0};
    const auto ready = sys::poll(&event, 1, 0);
    return ready && *ready > 0 && (event.revents & POLLIN) != 0;
  }

  Result<int> status() {
    const siginfo_t end = NACRE_TRY_CTX(sys::waitid(P_PIDFD, process_.get(), WEXITED),
                                        "wait for the container's process");
    return end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
  }

  const SignalRelay& relay_;
  const sys::PidFd& process_;
  EventSource* other_;
  UniqueFd master_;
  bool input_open_;
  bool ended_ = false;
};

}  // namespace

Result<SignalRelay> SignalRelay::create() {
  const std::uint64_t mask = passed_on();
  NACRE_TRY_CTX(sys::set_signal_mask(mask), "hold signals back");
  auto fd = sys::call<UniqueFd>(__NR_signalfd4, -1, &mask, sizeof mask, O_CLOEXEC | O_NONBLOCK);
  return SignalRelay(NACRE_TRY_CTX(std::move(fd), "create a signalfd"));
}

Result<int> SignalRelay::next() const {
  for (;;) {
    signalfd_siginfo info;
    const auto got = sys::read(signals_, &info, sizeof info);
    if (!got && got.error().value == EAGAIN) return 0;
    if (!got) return fail(Error::from_errno(got.error(), "read a signal"));
    const auto number = static_cast<int>(info.ssi_signo);
    // SIGURG: go programs' own preemption signal; a container's supervisor means nothing by it (as
    // runc).
    if (number != SIGCHLD && number != SIGURG) return number;
  }
}

Result<int> wait_in_foreground(const SignalRelay& relay, const sys::PidFd& process, UniqueFd master,
                               EventSource* other) {
  return Foreground(relay, process, std::move(master), other).run();
}

}  // namespace nacre::setup
