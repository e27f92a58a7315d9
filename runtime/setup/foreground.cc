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

// Bytes on their way from one descriptor to another. Neither side is waited for: what cannot be
// written yet is kept, and no more is read until it has been. So a container that does not read its
// terminal holds up its input and nothing else.
class Flow {
 public:
  // `to` is only written to when poll says so, and then by this much: a pipe takes PIPE_BUF bytes
  // at once or none, and what has O_NONBLOCK takes what it can.
  static constexpr std::size_t kMost = 4096;

  [[nodiscard]] bool ended() const { return ended_ && size_ == 0; }
  [[nodiscard]] pollfd reading(FdRef from) const {
    return {ended_ || size_ > 0 ? -1 : from.get(), POLLIN, 0};
  }
  [[nodiscard]] pollfd writing(FdRef to) const { return {size_ > 0 ? to.get() : -1, POLLOUT, 0}; }

  // Closed and broken sides alike are the end.
  void read(FdRef from) {
    const auto got = sys::read(from, bytes_.data(), bytes_.size());
    if (got) {
      at_ = 0;
      size_ = *got;
      ended_ = size_ == 0;
      if (!ended_) in_line_ = bytes_[size_ - 1] != '\n';
    } else if (!passes(got.error())) {
      ended_ = true;
    }
  }
  void write(FdRef to) {
    const auto put = sys::write(to, bytes_.data() + at_, size_);
    if (put) {
      at_ += *put;
      size_ -= *put;
    } else if (!passes(put.error())) {
      ended_ = true;
      size_ = 0;
    }
  }
  // The key for the end of input after everything that was read. In the middle of a line it only
  // hands that line on: then it takes a second one.
  void finish_with(char key) {
    bytes_[0] = bytes_[1] = key;
    at_ = 0;
    size_ = in_line_ ? 2 : 1;
  }

 private:
  static bool passes(Errno error) { return error.value == EINTR || error.value == EAGAIN; }

  std::array<char, kMost> bytes_;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
  bool in_line_ = false;  // the last byte was not the end of a line
  bool ended_ = false;
};

class Foreground {
 public:
  Foreground(const SignalRelay& relay, const sys::PidFd& process, UniqueFd master,
             EventSource* other)
      : relay_(relay), process_(process), other_(other), master_(std::move(master)) {}

  Result<int> run() {
    const RawTerminal raw(FdRef(master_ ? 0 : -1));
    if (master_) NACRE_TRY(prepare_master());
    while (!ended_) NACRE_TRY(step());
    if (master_) drain();
    return status();
  }

 private:
  Result<void> prepare_master() {
    copy_window_size(FdRef(0), master_);
    const int flags = NACRE_TRY_CTX(sys::get_status_flags(master_), "look at the terminal");
    NACRE_TRY_CTX(sys::set_status_flags(master_, flags | O_NONBLOCK), "set up the terminal");
    return {};
  }

  Result<void> step() {
    constexpr pollfd kNone{-1, 0, 0};
    std::array<pollfd, 7> events = {pollfd{process_.get(), POLLIN, 0},
                                    pollfd{relay_.fd().get(), POLLIN, 0},
                                    master_ ? output_.reading(master_) : kNone,
                                    master_ ? output_.writing(FdRef(1)) : kNone,
                                    master_ ? input_.reading(FdRef(0)) : kNone,
                                    master_ ? input_.writing(master_) : kNone,
                                    pollfd{other_ != nullptr ? other_->fd().get() : -1, POLLIN, 0}};
    const auto ready = sys::poll(events.data(), events.size(), -1);
    if (!ready && ready.error().value != EINTR) {
      return fail(Error::from_errno(ready.error(), "wait for the container's process"));
    }
    if (!ready) return {};
    if (events[1].revents != 0) NACRE_TRY(pass_on_signals());
    if (events[2].revents != 0) output_.read(master_);
    if (events[3].revents != 0) output_.write(FdRef(1));
    if (events[4].revents != 0) read_input();
    if (events[5].revents != 0) input_.write(master_);
    if (other_ != nullptr && events[6].revents != 0 && NACRE_TRY(other_->on_event())) {
      other_ = nullptr;
    }
    ended_ = events[0].revents != 0;
    if (output_.ended()) master_.reset();
    return {};
  }

  // A terminal has no end of file of its own: the key that means it stands for the end of what is
  // not a terminal (`run` with its input from a pipe or from nowhere).
  void read_input() {
    input_.read(FdRef(0));
    if (!input_.ended()) return;
    const auto settings = sys::get_termios(master_);
    if (settings) input_.finish_with(static_cast<char>(settings->c_cc[VEOF]));
  }

  // What the program wrote last is still in the terminal.
  void drain() {
    for (;;) {
      std::array<pollfd, 2> events = {output_.reading(master_), output_.writing(FdRef(1))};
      const bool to_write = events[1].fd >= 0;
      const auto ready = sys::poll(events.data(), events.size(), to_write ? -1 : 0);
      if (!ready && ready.error().value == EINTR) continue;
      if (!ready || *ready == 0) return;
      if (events[0].revents != 0) output_.read(master_);
      if (events[1].revents != 0) output_.write(FdRef(1));
      if (output_.ended()) return;
    }
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

  Result<int> status() {
    const siginfo_t end = NACRE_TRY_CTX(sys::waitid(P_PIDFD, process_.get(), WEXITED),
                                        "wait for the container's process");
    return end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
  }

  const SignalRelay& relay_;
  const sys::PidFd& process_;
  EventSource* other_;
  UniqueFd master_;
  Flow input_;
  Flow output_;
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
    signalfd_siginfo info{};
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
