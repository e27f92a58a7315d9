// Processes and namespaces. Nothing here allocates; everything may be called between clone and
// exec.
#pragma once

#include <linux/sched.h>
// <sched.h>, which threads and most of C++ bring along, has a struct of the same name.
#define sched_param kernel_sched_param
#include <linux/sched/types.h>
#undef sched_param
#include <linux/wait.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdint>

#include "sys/fds.h"
#include "sys/syscall.h"

#if defined(__SANITIZE_ADDRESS__)
#define NACRE_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NACRE_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(NACRE_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#endif

namespace nacre::sys {

namespace detail {

// The frames of a child that shared our memory ended without a return, so AddressSanitizer still
// holds parts of its stack to be out of bounds.
inline void forget_child_frames([[maybe_unused]] void* stack, [[maybe_unused]] std::size_t size) {
#if defined(NACRE_ADDRESS_SANITIZER)
  __asan_unpoison_memory_region(stack, size);
#endif
}

}  // namespace detail

// A request to clone3(2) (5.3; CLONE_INTO_CGROUP 5.7).
struct CloneArgs {
  std::uint64_t flags =
      0;  // CLONE_*; CLONE_PIDFD and CLONE_INTO_CGROUP are added from the two fields below
  int* pidfd_out = nullptr;  // where the kernel stores the new pidfd (close-on-exec)
  int cgroup_fd = -1;        // cgroup v2 directory to be born in
  int exit_signal = 0;
};

// Starts a child that runs `entry(argument)` and never returns.
//
// The child shares this process's memory and this process sleeps until the child execs or exits
// (CLONE_VM|CLONE_VFORK), so no page table is copied; it runs on `stack_top` (16-byte aligned,
// grows down). `entry` may do nothing but system calls. Set share_memory to false where the kernel
// refuses that pair (a pending time namespace): the child then has a copy.
struct SpawnStack {
  alignas(16) char bytes[16384];
};
using ChildEntry = void (*)(void*);
[[nodiscard]] inline Outcome<int> clone3_spawn(const CloneArgs& args, bool share_memory,
                                               SpawnStack& stack, ChildEntry entry,
                                               void* argument) noexcept {
  clone_args raw{};
  raw.flags = args.flags;
  raw.exit_signal = static_cast<unsigned>(args.exit_signal);
  if (args.pidfd_out != nullptr) {
    raw.flags |= CLONE_PIDFD;
    raw.pidfd = reinterpret_cast<std::uint64_t>(args.pidfd_out);
  }
  if (args.cgroup_fd >= 0) {
    raw.flags |= CLONE_INTO_CGROUP;
    raw.cgroup = static_cast<unsigned>(args.cgroup_fd);
  }
  if (share_memory) raw.flags |= CLONE_VM | CLONE_VFORK;
  raw.stack = reinterpret_cast<std::uint64_t>(stack.bytes);
  raw.stack_size = sizeof stack.bytes;
#if defined(__x86_64__)
  long result = __NR_clone3;
  register ChildEntry entry_reg asm("r12") = entry;
  register void* argument_reg asm("r13") = argument;
  asm volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "mov %%r13, %%rdi\n\t"
      "call *%%r12\n\t"
      "hlt\n"
      "1:"
      : "+a"(result)
      : "D"(&raw), "S"(sizeof raw), "r"(entry_reg), "r"(argument_reg)
      : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long x8 asm("x8") = __NR_clone3;
  register long x0 asm("x0") = reinterpret_cast<long>(&raw);
  register long x1 asm("x1") = sizeof raw;
  register ChildEntry entry_reg asm("x20") = entry;
  register void* argument_reg asm("x21") = argument;
  asm volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x29, xzr\n\t"
      "mov x0, x21\n\t"
      "blr x20\n\t"
      "brk #1\n"
      "1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), "r"(entry_reg), "r"(argument_reg)
      : "memory");
  const long result = x0;
#endif
  detail::forget_child_frames(stack.bytes, sizeof stack.bytes);
  if (detail::is_error(result)) return std::unexpected(Errno{static_cast<int>(-result)});
  return static_cast<int>(result);
}

// A plain fork: the child gets a copy of memory and continues here with 0. Only for programs whose
// memory is a few pages (the init image). By clone(2) where a seccomp filter answers ENOSYS to
// clone3, as Docker's does; that has room for the flags that fit its exit signal's word.
[[nodiscard]] inline Outcome<int> clone3_fork(const CloneArgs& args) noexcept {
  clone_args raw{};
  raw.flags = args.flags;
  raw.exit_signal = static_cast<unsigned>(args.exit_signal);
  if (args.pidfd_out != nullptr) {
    raw.flags |= CLONE_PIDFD;
    raw.pidfd = reinterpret_cast<std::uint64_t>(args.pidfd_out);
  }
  const auto made = call<int>(__NR_clone3, &raw, sizeof raw);
  if (made || made.error().value != ENOSYS || args.cgroup_fd >= 0) return made;
  return call<int>(__NR_clone, raw.flags | raw.exit_signal, 0, args.pidfd_out, 0, 0);
}

// A seccomp filter may refuse even this; an illegal instruction then ends the process all the same.
[[noreturn]] inline void exit_now(int status) noexcept {
  raw_syscall(__NR_exit_group, status);
  __builtin_trap();
}
inline int getpid() noexcept { return static_cast<int>(raw_syscall(__NR_getpid)); }
inline int getppid() noexcept { return static_cast<int>(raw_syscall(__NR_getppid)); }
inline std::uint32_t geteuid() noexcept {
  return static_cast<std::uint32_t>(raw_syscall(__NR_geteuid));
}
inline std::uint32_t getegid() noexcept {
  return static_cast<std::uint32_t>(raw_syscall(__NR_getegid));
}
[[nodiscard]] inline Outcome<void> setsid() noexcept { return call<void>(__NR_setsid); }

// Returns only on failure.
inline Errno execveat(FdRef dir, const char* path, const char* const* argv, const char* const* envp,
                      int flags) noexcept {
  return call<void>(__NR_execveat, dir.get(), path, argv, envp, flags).error();
}
inline Errno execve(const char* path, const char* const* argv, const char* const* envp) noexcept {
  return call<void>(__NR_execve, path, argv, envp).error();
}

[[nodiscard]] inline Outcome<PidFd> pidfd_open(int pid) noexcept {
  return call<PidFd>(__NR_pidfd_open, pid, 0);
}
[[nodiscard]] inline Outcome<void> pidfd_send_signal(FdRef pidfd, int signal) noexcept {
  return call<void>(__NR_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
}
// idtype P_PID, P_PIDFD or P_ALL; options as for waitid(2). si_pid stays 0 when WNOHANG found
// nothing.
[[nodiscard]] inline Outcome<siginfo_t> waitid(int idtype, int id, int options) noexcept {
  siginfo_t info{};
  const auto done = call<void>(__NR_waitid, idtype, id, &info, options, nullptr);
  if (!done) return std::unexpected(done.error());
  return info;
}
// timeout in milliseconds, negative: none. Returns the number of ready descriptors.
[[nodiscard]] inline Outcome<int> poll(pollfd* fds, unsigned count, int timeout_ms) noexcept {
  timespec limit{timeout_ms / 1000, (timeout_ms % 1000) * 1000000L};
  return call<int>(__NR_ppoll, fds, count, timeout_ms < 0 ? nullptr : &limit, nullptr, 0);
}

// CLOCK_MONOTONIC in milliseconds, for deadlines. (<chrono> of libstdc++ 12 brings streams along.)
inline std::int64_t monotonic_ms() noexcept {
  timespec now{};
  raw_syscall(__NR_clock_gettime, 1 /* CLOCK_MONOTONIC */, reinterpret_cast<long>(&now));
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

[[nodiscard]] inline Outcome<void> unshare(std::uint64_t flags) noexcept {
  return call<void>(__NR_unshare, flags);
}
// fd: an nsfs file with one CLONE_NEW* (or 0), or a pidfd with any set of them (5.8).
[[nodiscard]] inline Outcome<void> setns(FdRef fd, std::uint64_t flags) noexcept {
  return call<void>(__NR_setns, fd.get(), flags);
}
template <class... Args>
[[nodiscard]] Outcome<int> prctl(int option, Args... args) noexcept {
  return call<int>(__NR_prctl, option, args...);
}
// CLOSE_RANGE_CLOEXEC (5.11) marks instead of closing.
[[nodiscard]] inline Outcome<void> close_range(unsigned first, unsigned last,
                                               unsigned flags) noexcept {
  return call<void>(__NR_close_range, first, last, flags);
}
[[nodiscard]] inline Outcome<void> sethostname(const char* name, std::size_t size) noexcept {
  return call<void>(__NR_sethostname, name, size);
}
[[nodiscard]] inline Outcome<void> setdomainname(const char* name, std::size_t size) noexcept {
  return call<void>(__NR_setdomainname, name, size);
}
[[nodiscard]] inline Outcome<void> set_rlimit(int resource, std::uint64_t soft,
                                              std::uint64_t hard) noexcept {
  const struct {
    std::uint64_t soft, hard;
  } raw{soft, hard};
  return call<void>(__NR_prlimit64, 0, resource, &raw, nullptr);
}
// The kernel's sigset is 64 bits, glibc's is larger.
[[nodiscard]] inline Outcome<void> set_signal_mask(std::uint64_t blocked) noexcept {
  return call<void>(__NR_rt_sigprocmask, SIG_SETMASK, &blocked, nullptr, sizeof blocked);
}
// The same, and tells what was blocked before.
[[nodiscard]] inline Outcome<std::uint64_t> swap_signal_mask(std::uint64_t blocked) noexcept {
  std::uint64_t before = 0;
  const auto done = call<void>(__NR_rt_sigprocmask, SIG_SETMASK, &blocked, &before, sizeof blocked);
  if (!done) return std::unexpected(done.error());
  return before;
}
struct KernelSigaction {  // layout of the kernel's struct sigaction on x86-64 and aarch64
  void* handler;
  unsigned long flags;
  void* restorer;
  std::uint64_t mask;
};
[[nodiscard]] inline Outcome<void> reset_signal(int number) noexcept {
  const KernelSigaction action{};  // SIG_DFL
  return call<void>(__NR_rt_sigaction, number, &action, nullptr, sizeof action.mask);
}
[[nodiscard]] inline Outcome<void> sched_setattr(const sched_attr& attr) noexcept {
  return call<void>(__NR_sched_setattr, 0, &attr, 0);
}
[[nodiscard]] inline Outcome<void> sched_setaffinity(const void* mask, std::size_t size) noexcept {
  return call<void>(__NR_sched_setaffinity, 0, size, mask);
}
// who: 0 = this process; value: class << 13 | priority.
[[nodiscard]] inline Outcome<void> ioprio_set(int value) noexcept {
  return call<void>(__NR_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, 0, value);
}
[[nodiscard]] inline Outcome<void> personality(unsigned long persona) noexcept {
  return call<void>(__NR_personality, persona);
}
[[nodiscard]] inline Outcome<void> set_mempolicy(int mode, const unsigned long* nodes,
                                                 unsigned long max_node) noexcept {
  return call<void>(__NR_set_mempolicy, mode, nodes, max_node);
}
[[nodiscard]] inline Outcome<void*> map_readonly(FdRef fd, std::size_t size) noexcept {
  const long value = raw_syscall(__NR_mmap, 0, static_cast<long>(size), 1 /* PROT_READ */,
                                 2 /* MAP_PRIVATE */, fd.get(), 0);
  if (detail::is_error(value)) return std::unexpected(Errno{static_cast<int>(-value)});
  return reinterpret_cast<void*>(value);  // NOLINT(performance-no-int-to-ptr): what mmap is
}

}  // namespace nacre::sys
