// The state of the one thread of init, and the handlers of its operations.
//
// Everything below runs between clone and exec of the container's program, in an image of its own
// that is linked without the C library: no allocation, no exceptions, no locale, no NSS; the stack
// and system calls only. A handler does its one operation and returns what the kernel said.
#pragma once

#include "base/try.h"
#include "runtime/init/init_plan.h"
#include "sys/credentials.h"
#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::init {

using sys::Outcome;

inline constexpr std::size_t kPathMax = 4096;

struct Init {
  const InitPlan* plan = nullptr;
  UniqueFd report;    // to the parent; after kAwaitStart to whoever called `start`
  sys::MountFd root;  // the container's root directory
  sys::MountFd proc;  // what kAttach put on /proc and /sys, whatever their names lead to by now
  sys::MountFd sysfs;
  sys::MountFd mount;  // the mount under construction, between kNewFs/kTakeMount and kAttach
  UniqueFd terminal;   // slave side of the console
  bool in_working_directory = false;
  sys::CapabilitySets final_capabilities;
  std::uint64_t ambient = 0;
  char executable[kPathMax] = {};
  char home[512] = {};  // "HOME=...", empty: the environment has its own

  [[nodiscard]] const char* text(StrRef ref) const {
    return reinterpret_cast<const char*>(plan) + ref.offset;
  }
  template <class T>
  [[nodiscard]] const T* items(ListRef ref) const {
    return reinterpret_cast<const T*>(reinterpret_cast<const char*>(plan) + ref.offset);
  }
};

// Errno with one of the negative values of init_plan.h.
inline std::unexpected<Errno> refuse(std::int32_t reason) { return std::unexpected(Errno{reason}); }

using Handler = Outcome<void> (*)(Init&, const Op&);

// namespaces.cc
Outcome<void> join(Init&, const Op&);
Outcome<void> unshare(Init&, const Op&);
Outcome<void> fork(Init&, const Op&);
Outcome<void> become_root(Init&, const Op&);
Outcome<void> rendezvous(Init&, const Op&);
Outcome<void> new_session(Init&, const Op&);
Outcome<void> keyring(Init&, const Op&);
Outcome<void> loopback_up(Init&, const Op&);
Outcome<void> hostname(Init&, const Op&);
Outcome<void> domainname(Init&, const Op&);
// rootfs.cc
Outcome<void> propagation(Init&, const Op&);
Outcome<void> open_tree(Init&, const Op&);
Outcome<void> attach_root(Init&, const Op&);
Outcome<void> use_root(Init&, const Op&);
Outcome<void> readonly_root(Init&, const Op&);
Outcome<void> root_propagation(Init&, const Op&);
Outcome<void> pivot_root(Init&, const Op&);
Outcome<void> move_root(Init&, const Op&);
Outcome<void> chroot(Init&, const Op&);
// mounts.cc
Outcome<void> new_fs(Init&, const Op&);
Outcome<void> take_mount(Init&, const Op&);
Outcome<void> set_attr(Init&, const Op&);
Outcome<void> keep_mount(Init&, const Op&);
Outcome<void> attach(Init&, const Op&);
Outcome<void> mask(Init&, const Op&);
Outcome<void> readonly(Init&, const Op&);
// copy_up.cc
Outcome<void> copy_up(Init&, const Op&);
// devices.cc
Outcome<void> make_device(Init&, const Op&);
Outcome<void> make_link(Init&, const Op&);
Outcome<void> console(Init&, const Op&);
// hook.cc
Outcome<void> hook(Init&, const Op&);
// process.cc
Outcome<void> write_proc(Init&, const Op&);
Outcome<void> forget(Init&, const Op&);
Outcome<void> rlimit(Init&, const Op&);
Outcome<void> scheduler(Init&, const Op&);
Outcome<void> io_priority(Init&, const Op&);
Outcome<void> memory_policy(Init&, const Op&);
Outcome<void> affinity(Init&, const Op&);
Outcome<void> personality(Init&, const Op&);
Outcome<void> stdio(Init&, const Op&);
Outcome<void> stdio_owner(Init&, const Op&);
Outcome<void> umask(Init&, const Op&);
Outcome<void> working_directory(Init&, const Op&);
// security.cc
Outcome<void> bounding(Init&, const Op&);
Outcome<void> identity(Init&, const Op&);
Outcome<void> capabilities(Init&, const Op&);
Outcome<void> no_new_privileges(Init&, const Op&);
Outcome<void> seccomp(Init&, const Op&);
Outcome<void> final_capabilities(Init&, const Op&);
// exec.cc
Outcome<void> find_home(Init&, const Op&);
Outcome<void> find_executable(Init&, const Op&);
Outcome<void> await_start(Init&, const Op&);
Outcome<void> exec(Init&, const Op&);

// report.cc
// False when nobody listens any more.
bool send_report(const Init&, ReportKind kind, Stage stage, std::uint32_t op, std::int32_t error);

}  // namespace nacre::init
