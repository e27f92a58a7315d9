#include "cli/image/interrupts.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/render/terminal.h"

namespace nacre::cli {
namespace {

constexpr int kGrace = 10'000;  // ms

Error failed(const char* what) { return Error::from_errno(Errno{errno}, what); }

}  // namespace

Result<std::unique_ptr<Interrupts>> Interrupts::watch() {
  sigset_t set, before;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  if (::pthread_sigmask(SIG_BLOCK, &set, &before) != 0) return fail(failed("block signals"));
  UniqueFd signals(::signalfd(-1, &set, SFD_CLOEXEC));
  if (signals.get() < 0) return fail(failed("watch signals"));
  UniqueFd ended(::eventfd(0, EFD_CLOEXEC));
  if (ended.get() < 0) return fail(failed("watch signals"));
  std::unique_ptr<Interrupts> out(new Interrupts(std::move(signals), std::move(ended), before));
  out->thread_ = std::thread([watcher = out.get()] { watcher->run(); });
  return out;
}

Interrupts::~Interrupts() {
  const std::uint64_t one = 1;
  // An event counter always takes a one.
  static_cast<void>(::write(ended_.get(), &one, sizeof one));
  thread_.join();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupts::run() {
  for (;;) {
    pollfd waits[] = {{signals_.get(), POLLIN, 0}, {ended_.get(), POLLIN, 0}};
    const int ready = ::poll(waits, 2, signal_ == 0 ? -1 : kGrace);
    if (ready < 0 && errno == EINTR) continue;
    if (waits[1].revents != 0) return;
    signalfd_siginfo info{};
    if (ready > 0 && ::read(signals_.get(), &info, sizeof info) != sizeof info) continue;
    if (signal_ != 0) ::_exit(128 + signal_);
    signal_ = static_cast<int>(info.ssi_signo);
    stop_.request_stop();
  }
}

Result<int> Interrupts::status_of(Result<int> result, const char* what_is_kept) const {
  if (result || signal_ == 0) return result;
  if (result.error().code() != ErrorCode::kCancelled) return result;
  say(text::join("nacre: interrupted", *what_is_kept == '\0' ? "" : ": ", what_is_kept, '\n'));
  return 128 + signal_;
}

}  // namespace nacre::cli
