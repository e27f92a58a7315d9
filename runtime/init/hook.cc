#include "runtime/init/init.h"
#include "sys/file.h"
#include "sys/process.h"

namespace nacre::init {
namespace {

// The text lists of the plan as the kernel wants them: an array of pointers that ends in null.
constexpr std::size_t kMaxWords = 512;

Outcome<void> word_pointers(const Init& init, ListRef list, const char** out) {
  if (list.count >= kMaxWords) return std::unexpected(Errno{E2BIG});
  const StrRef* words = init.items<StrRef>(list);
  for (std::uint32_t i = 0; i < list.count; ++i) out[i] = init.text(words[i]);
  out[list.count] = nullptr;
  return {};
}

// The hook's own process: state on 0, what it prints into the parent's file.
[[noreturn]] void run_hook(const Init& init, const Op& op, const char* const* argv,
                           const char* const* envp) {
  constexpr int kCannotRun = 127;
  sys::umask(0022);
  auto ready = sys::lseek(FdRef(op.fd), 0, SEEK_SET) ? Outcome<void>{} : refuse(kHookFailedBase);
  if (ready) ready = sys::dup_onto(FdRef(op.fd), 0);
  if (ready) ready = sys::dup_onto(FdRef(static_cast<int>(op.extra)), 1);
  if (ready) ready = sys::dup_onto(FdRef(static_cast<int>(op.extra)), 2);
  if (ready) static_cast<void>(sys::execve(init.text(op.text), argv, envp));
  sys::exit_now(kCannotRun);
}

}  // namespace

Outcome<void> hook(Init& init, const Op& op) {
  const char* argv[kMaxWords];
  const char* envp[kMaxWords];
  NACRE_TRY(word_pointers(init, op.list, argv));
  NACRE_TRY(word_pointers(init, op.list2, envp));
  int pidfd = -1;
  const int child =
      NACRE_TRY(sys::clone3_fork({.flags = 0, .pidfd_out = &pidfd, .exit_signal = SIGCHLD}));
  if (child == 0) run_hook(init, op, argv, envp);
  const sys::PidFd process(pidfd);
  if (op.value > 0) {
    pollfd ended{process.get(), POLLIN, 0};
    const int ready = NACRE_TRY(sys::poll(&ended, 1, static_cast<int>(op.value)));
    if (ready == 0) {
      NACRE_TRY(sys::pidfd_send_signal(process, SIGKILL));
      NACRE_TRY(sys::waitid(P_PIDFD, process.get(), WEXITED));
      return refuse(kHookTimedOut);
    }
  }
  const siginfo_t info = NACRE_TRY(sys::waitid(P_PIDFD, process.get(), WEXITED));
  if (info.si_code == CLD_EXITED && info.si_status == 0) return {};
  const int status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
  return refuse(kHookFailedBase - status);
}

}  // namespace nacre::init
