#include "runtime/setup/idmap_userns.h"

#include "base/scope_exit.h"
#include "base/text.h"
#include "runtime/setup/id_maps.h"
#include "sys/file.h"
#include "sys/process.h"

namespace nacre::setup {
namespace {

// Stays in its namespace until it is killed.
void wait_to_be_killed(void*) {
  for (;;) sys::raw_syscall(__NR_pause);
}

}  // namespace

Result<UniqueFd> make_idmap_userns(const plan::IdMaps& maps) {
  sys::SpawnStack stack;
  int pidfd = -1;
  // Not sharing memory: with it this process would sleep until the child execs, which it never
  // does.
  const int pid = NACRE_TRY_CTX(
      sys::clone3_spawn({.flags = CLONE_NEWUSER, .pidfd_out = &pidfd, .exit_signal = SIGCHLD},
                        false, stack, wait_to_be_killed, nullptr),
      "create a user namespace for an idmapped mount");
  const sys::PidFd process(pidfd);
  const ScopeExit end([&process] {
    static_cast<void>(sys::pidfd_send_signal(process, SIGKILL));
    static_cast<void>(sys::waitid(P_PIDFD, process.get(), WEXITED));
  });
  NACRE_TRY(write_id_maps(pid, maps));
  const std::string path = text::join("/proc/", pid, "/ns/user");
  return NACRE_TRY_CTX(sys::openat(sys::kCwd, path.c_str(), O_RDONLY), text::join("open ", path));
}

}  // namespace nacre::setup
