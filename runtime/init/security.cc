#include <sys/prctl.h>

#include "runtime/init/init.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace nacre::init {

Outcome<void> bounding(Init&, const Op& op) {
  for (unsigned capability = 0; capability < 64; ++capability) {
    if ((op.value >> capability & 1U) != 0) continue;
    const auto dropped = sys::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    if (dropped) continue;
    if (dropped.error().value == EINVAL) return {};  // past the last one this kernel has
    return std::unexpected(dropped.error());
  }
  return {};
}

Outcome<void> identity(Init& init, const Op& op) {
  if (op.extra == 0) {
    NACRE_TRY(sys::setgroups(init.items<std::uint32_t>(op.list), op.list.count));
  }
  NACRE_TRY(sys::setresgid(static_cast<std::uint32_t>(op.value)));
  // Permitted capabilities stay over the change of user; the next operation says which.
  static_cast<void>(NACRE_TRY(sys::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)));
  NACRE_TRY(sys::setresuid(static_cast<std::uint32_t>(op.value >> 32U)));
  static_cast<void>(NACRE_TRY(sys::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0)));
  static_cast<void>(NACRE_TRY(sys::prctl(PR_SET_DUMPABLE, 0)));
  return {};
}

Outcome<void> capabilities(Init& init, const Op& op) {
  const auto* words = init.items<std::uint64_t>(op.list);
  init.final_capabilities = {words[0], words[1], words[2]};
  init.ambient = words[3];
  sys::CapabilitySets now = init.final_capabilities;
  now.permitted |= op.value;
  return sys::capset(now);
}

Outcome<void> no_new_privileges(Init&, const Op&) {
  static_cast<void>(NACRE_TRY(sys::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)));
  return {};
}

// Without no_new_privs the kernel asks for CAP_SYS_ADMIN: what was kept for this moment is raised
// and dropped again by kFinalCapabilities.
Outcome<void> seccomp(Init& init, const Op& op) {
  auto now = NACRE_TRY(sys::capget());
  now.effective = now.permitted;
  NACRE_TRY(sys::capset(now));
  sock_fprog program{};
  program.len = static_cast<unsigned short>(op.value2);
  program.filter = const_cast<sock_filter*>(init.items<sock_filter>({op.text.offset, 0}));
  const void* message = nullptr;
  std::size_t size = 0;
  if (op.fd >= 0) {
    // Before the filter, which may forbid it.
    const UniqueFd file(static_cast<int>(op.extra));
    size = NACRE_TRY(sys::fstatx(file, STATX_SIZE)).stx_size;
    message = NACRE_TRY(sys::map_readonly(file, size));
  }
  const int listener = NACRE_TRY(sys::seccomp_set_filter(program, static_cast<unsigned>(op.value)));
  if (op.fd < 0) return {};
  const UniqueFd notify(listener);
  static_cast<void>(NACRE_TRY(sys::send_with_fd(FdRef(op.fd), message, size, notify.get())));
  return {};
}

Outcome<void> final_capabilities(Init& init, const Op&) {
  NACRE_TRY(sys::capset(init.final_capabilities));
  for (unsigned capability = 0; capability < 64; ++capability) {
    if ((init.ambient >> capability & 1U) == 0) continue;
    static_cast<void>(
        NACRE_TRY(sys::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)));
  }
  return {};
}

}  // namespace nacre::init
