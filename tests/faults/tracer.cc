#include "tests/faults/tracer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>

namespace nacre::test {
namespace {

// Which of a call's arguments say what file it is about.
enum class Target : std::uint8_t { kDescriptor, kPathAt, kPath, kLinkAt };

struct CallName {
  long number;
  const char* name;
  Target target;
};
constexpr CallName kCalls[] = {
#ifdef SYS_unlink  // of older machines
    {SYS_rename, "rename", Target::kPath},
    {SYS_unlink, "unlink", Target::kPath},
    {SYS_mkdir, "mkdir", Target::kPath},
#endif
    {SYS_read, "read", Target::kDescriptor},
    {SYS_pread64, "pread64", Target::kDescriptor},
    {SYS_write, "write", Target::kDescriptor},
    {SYS_writev, "writev", Target::kDescriptor},
    {SYS_pwrite64, "pwrite64", Target::kDescriptor},
    {SYS_copy_file_range, "copy_file_range", Target::kDescriptor},
    {SYS_openat, "openat", Target::kPathAt},
    {SYS_openat2, "openat2", Target::kPathAt},
    {SYS_close, "close", Target::kDescriptor},
    {SYS_renameat, "renameat", Target::kPathAt},
    {SYS_renameat2, "renameat2", Target::kPathAt},
    {SYS_unlinkat, "unlinkat", Target::kPathAt},
    {SYS_mkdirat, "mkdirat", Target::kPathAt},
    {SYS_mknodat, "mknodat", Target::kPathAt},
    {SYS_symlinkat, "symlinkat", Target::kLinkAt},
    {SYS_linkat, "linkat", Target::kPathAt},
    {SYS_fsync, "fsync", Target::kDescriptor},
    {SYS_fdatasync, "fdatasync", Target::kDescriptor},
    {SYS_syncfs, "syncfs", Target::kDescriptor},
    {SYS_ftruncate, "ftruncate", Target::kDescriptor},
    {SYS_fallocate, "fallocate", Target::kDescriptor},
    {SYS_fchmod, "fchmod", Target::kDescriptor},
    {SYS_fchmodat, "fchmodat", Target::kPathAt},
    {SYS_fchown, "fchown", Target::kDescriptor},
    {SYS_fchownat, "fchownat", Target::kPathAt},
    {SYS_flock, "flock", Target::kDescriptor},
    {SYS_fcntl, "fcntl", Target::kDescriptor},
    {SYS_fsetxattr, "fsetxattr", Target::kDescriptor},
    {SYS_utimensat, "utimensat", Target::kPathAt},
    {SYS_getdents64, "getdents64", Target::kDescriptor},
    {SYS_fstatfs, "fstatfs", Target::kDescriptor},
    {SYS_statx, "statx", Target::kPathAt},
};

const CallName* find_call(long number) {
  const auto* found = std::ranges::find(kCalls, number, &CallName::number);
  return found == std::end(kCalls) ? nullptr : found;
}

__ptrace_syscall_info call_info(pid_t thread) {
  __ptrace_syscall_info info{};
  ::ptrace(PTRACE_GET_SYSCALL_INFO, thread, static_cast<long>(sizeof info), &info);
  return info;
}

std::string link_text(const std::string& path) {
  char text[4096];
  const ssize_t size = ::readlink(path.c_str(), text, sizeof text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::string text_at(pid_t thread, std::uint64_t address) {
  char text[256] = {};
  // Up to the end of the page at least, which is as far as a string may be readable.
  const std::size_t room = std::min<std::size_t>(sizeof text - 1, 4096 - address % 4096);
  const iovec ours{text, room};
  const iovec theirs{reinterpret_cast<void*>(address), room};
  ::process_vm_readv(thread, &ours, 1, &theirs, 1, 0);
  return text;
}

std::string target_of(pid_t thread, const CallName& call, const std::uint64_t* arguments) {
  const auto described = [&](std::uint64_t fd) {
    return link_text("/proc/" + std::to_string(thread) + "/fd/" +
                     std::to_string(static_cast<int>(fd)));
  };
  const auto below = [&](std::uint64_t folder, std::uint64_t address) {
    const std::string name = text_at(thread, address);
    return name.starts_with('/') ? name : described(folder) + "/" + name;
  };
  switch (call.target) {
    case Target::kDescriptor:
      return described(arguments[0]);
    case Target::kPathAt:
      return below(arguments[0], arguments[1]);
    case Target::kLinkAt:
      return below(arguments[1], arguments[2]);
    case Target::kPath:
      return text_at(thread, arguments[0]);
  }
  return {};
}

// Sockets, pipes, polls and memory are no business of a disk.
bool is_file(const std::string& target) {
  if (target.starts_with("/dev/shm/")) return true;
  return target.starts_with('/') && !target.starts_with("/dev/") && !target.starts_with("/proc/") &&
         !target.starts_with("/memfd:");
}

void refuse(pid_t thread, int error) {
#if defined(__x86_64__)
  user_regs_struct registers{};
  ASSERT_EQ(::ptrace(PTRACE_GETREGS, thread, nullptr, &registers), 0);
  registers.orig_rax = static_cast<unsigned long long>(-1);
  registers.rax = static_cast<unsigned long long>(-error);
  ASSERT_EQ(::ptrace(PTRACE_SETREGS, thread, nullptr, &registers), 0);
#else
  ADD_FAILURE() << "no way is known to have a system call of thread " << thread << " fail with "
                << error << " on this machine";
#endif
}

std::vector<sock_filter> filter_for(const std::vector<long>& watched) {
  std::vector<sock_filter> filter;
  filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (std::size_t i = 0; i < watched.size(); ++i) {
    const auto number = static_cast<unsigned>(watched[i]);
    const auto to_trace = static_cast<unsigned char>(watched.size() - i);
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, to_trace, 0));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  return filter;
}

class Tracer {
 public:
  Tracer(const std::vector<long>& watched, const std::optional<Interference>& interference)
      : watched_(watched), interference_(interference), filter_(filter_for(with_flock(watched))) {}

  Traced run(Command command) {
    // A leak check at exit would attach to a process that is traced already.
    command.env("ASAN_OPTIONS", "detect_leaks=0");
    command.before_exec([this] {
      sock_fprog program{static_cast<unsigned short>(filter_.size()), filter_.data()};
      ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
    });
    Running running = command.start();
    leader_ = running.pid();
    int status = 0;
    // The first stop is the one of execve.
    if (::waitpid(leader_, &status, 0) != leader_ || !WIFSTOPPED(status)) {
      ADD_FAILURE() << "the program did not stop at its start";
      return traced_;
    }
    constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP |
                              PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
    ::ptrace(PTRACE_SETOPTIONS, leader_, nullptr, kOptions);
    ::ptrace(PTRACE_CONT, leader_, nullptr, 0);
    while (step()) {
    }
    running.disown();
    traced_.out = running.out();
    traced_.err = running.err();
    return traced_;
  }

 private:
  static std::vector<long> with_flock(std::vector<long> calls) {
    if (std::ranges::find(calls, SYS_flock) == calls.end()) calls.push_back(SYS_flock);
    return calls;
  }

  // One stop of one thread; false when the program has ended.
  bool step() {
    int status = 0;
    const pid_t thread = ::waitpid(-1, &status, __WALL);
    if (thread < 0) {
      ADD_FAILURE() << "the traced program is gone: " << std::strerror(errno);
      return false;
    }
    if (!WIFSTOPPED(status)) {
      if (thread != leader_) return true;
      traced_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      return false;
    }
    const int signal = WSTOPSIG(status);
    if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_SECCOMP << 8))) {
      at_entry(thread);
    } else if (signal == (SIGTRAP | 0x80)) {
      at_exit(thread);
    } else if (signal == SIGTRAP || signal == SIGSTOP) {  // a new thread, the news of one
      ::ptrace(PTRACE_CONT, thread, nullptr, 0);
    } else {
      ::ptrace(PTRACE_CONT, thread, nullptr, static_cast<long>(signal));
    }
    return true;
  }

  void at_entry(pid_t thread) {
    const __ptrace_syscall_info info = call_info(thread);
    const auto number = static_cast<long>(info.seccomp.nr);
    const CallName* call = find_call(number);
    const bool was_counting = counting_;
    counting_ = counting_ || number == SYS_flock;
    if (!was_counting || call == nullptr || std::ranges::find(watched_, number) == watched_.end()) {
      ::ptrace(PTRACE_CONT, thread, nullptr, 0);
      return;
    }
    const TracedCall made{number, target_of(thread, *call, info.seccomp.args)};
    if (!is_file(made.target)) {
      ::ptrace(PTRACE_CONT, thread, nullptr, 0);
      return;
    }
    ++begun_;
    if (interference_ && !traced_.reached && interference_->at == begun_ &&
        interference_->kind != Interference::Kind::kKill) {
      traced_.reached = true;
      traced_.calls.push_back(made);
      interfere(thread);
      ::ptrace(PTRACE_CONT, thread, nullptr, 0);
      return;
    }
    pending_[thread] = made;
    ::ptrace(PTRACE_SYSCALL, thread, nullptr, 0);
  }
  void interfere(pid_t thread) {
    if (interference_->kind == Interference::Kind::kFail) refuse(thread, interference_->error);
    if (interference_->kind == Interference::Kind::kHold) interference_->action();
  }
  void at_exit(pid_t thread) {
    const auto found = pending_.find(thread);
    if (found != pending_.end()) {
      if (!killed_ && !(interference_ && traced_.reached)) traced_.calls.push_back(found->second);
      ++ended_;
      pending_.erase(found);
    }
    if (!killed_ && interference_ && interference_->kind == Interference::Kind::kKill &&
        interference_->at == ended_) {
      traced_.reached = true;
      killed_ = true;
      ::kill(leader_, SIGKILL);
      return;  // it is stopped, and this ends that
    }
    ::ptrace(PTRACE_CONT, thread, nullptr, 0);
  }

  const std::vector<long>& watched_;
  const std::optional<Interference>& interference_;
  std::vector<sock_filter> filter_;
  pid_t leader_ = -1;
  bool counting_ = false;
  bool killed_ = false;
  int begun_ = 0;
  int ended_ = 0;
  std::map<pid_t, TracedCall> pending_;
  Traced traced_;
};

}  // namespace

std::string TracedCall::text() const {
  const CallName* call = find_call(number);
  return (call == nullptr ? std::to_string(number) : std::string(call->name)) + " " + target;
}

Traced trace(Command command, const std::vector<long>& watched,
             const std::optional<Interference>& interference) {
  return Tracer(watched, interference).run(std::move(command));
}

const std::vector<long>& changing_calls() {
  static const std::vector<long> calls = {
#ifdef SYS_unlink
      SYS_rename,    SYS_unlink,    SYS_mkdir,
#endif
      SYS_write,     SYS_writev,    SYS_pwrite64,       SYS_openat,   SYS_openat2,   SYS_close,
      SYS_renameat,  SYS_renameat2, SYS_unlinkat,       SYS_mkdirat,  SYS_mknodat,   SYS_symlinkat,
      SYS_linkat,    SYS_fsync,     SYS_fdatasync,      SYS_syncfs,   SYS_ftruncate, SYS_fallocate,
      SYS_fchmod,    SYS_fchmodat,  SYS_fchown,         SYS_fchownat, SYS_flock,     SYS_fcntl,
      SYS_fsetxattr, SYS_utimensat, SYS_copy_file_range};
  return calls;
}

std::vector<int> sampled_steps(int total, int samples) {
#ifdef NACRE_FAULTS_EVERY_STEP
  samples = total;
#endif
  const char* given = std::getenv("NACRE_FAULTS_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                         : std::random_device()();
  std::printf("NACRE_FAULTS_SEED=%u: %d of %d steps\n", seed, std::min(samples, total), total);
  std::mt19937 random(seed);
  std::vector<int> steps;
  const int count = std::min(samples, total);
  for (int i = 0; i < count; ++i) {
    const int from = static_cast<int>(static_cast<long>(total) * i / count);
    const int until = static_cast<int>(static_cast<long>(total) * (i + 1) / count);
    steps.push_back(from + 1 + static_cast<int>(random() % static_cast<unsigned>(until - from)));
  }
  return steps;
}

}  // namespace nacre::test
