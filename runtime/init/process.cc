#include "sys/process.h"
#include "runtime/init/init.h"
#include "runtime/init/paths.h"
#include "sys/file.h"
#include "sys/tty.h"

namespace nacre::init {

// Through the private procfs, without leaving it: whatever the container mounted over its own /proc
// is not asked (CVE-2019-16884, CVE-2025-52881). "self" is a plain link there; magic links are
// refused.
Outcome<void> write_proc(Init& init, const Op& op) {
  const UniqueFd file = NACRE_TRY(sys::openat2(
      FdRef(op.fd), init.text(op.text),
      {.flags = O_WRONLY, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV}));
  const char* value = init.text(op.text2);
  const std::size_t size = __builtin_strlen(value);
  const std::size_t written = NACRE_TRY(sys::write(file, value, size));
  return written == size ? Outcome<void>{} : std::unexpected(Errno{EIO});
}

Outcome<void> forget(Init&, const Op& op) {
  UniqueFd(op.fd).reset();
  return {};
}

Outcome<void> rlimit(Init&, const Op& op) {
  return sys::set_rlimit(static_cast<int>(op.mode), op.value, op.value2);
}

Outcome<void> scheduler(Init& init, const Op& op) {
  sched_attr attr;
  __builtin_memcpy(&attr, init.text(op.text), sizeof attr);
  return sys::sched_setattr(attr);
}

Outcome<void> io_priority(Init&, const Op& op) {
  return sys::ioprio_set(static_cast<int>(op.value));
}

Outcome<void> memory_policy(Init& init, const Op& op) {
  unsigned long nodes[16];
  if (op.value2 > sizeof nodes * 8) return std::unexpected(Errno{EINVAL});
  __builtin_memcpy(nodes, init.text(op.text), sizeof nodes);
  return sys::set_mempolicy(static_cast<int>(op.value), op.value2 == 0 ? nullptr : nodes,
                            op.value2);
}

Outcome<void> affinity(Init& init, const Op& op) {
  return sys::sched_setaffinity(init.text(op.text), op.value);
}

Outcome<void> personality(Init&, const Op& op) { return sys::personality(op.value); }

Outcome<void> stdio(Init& init, const Op& op) {
  for (int target = 0; target < 3; ++target) NACRE_TRY(sys::dup_onto(init.terminal, target));
  if (op.extra == 1) NACRE_TRY(sys::set_controlling_tty(FdRef(0)));
  init.terminal.reset();
  return {};
}

Outcome<void> stdio_owner(Init&, const Op& op) {
  const auto uid = static_cast<std::uint32_t>(op.value);
  for (int number = 0; number < 3; ++number) {
    const auto info = sys::fstatx(FdRef(number));
    if (!info) continue;  // closed by the caller
    const bool null_device = (info->stx_mode & S_IFMT) == S_IFCHR && info->stx_rdev_major == 1 &&
                             info->stx_rdev_minor == 3;
    if (info->stx_uid == uid || null_device) continue;
    // A file of somebody else's mount, or an owner without a place in this user namespace, stays as
    // it is: the program can use the descriptor, only not reopen it.
    static_cast<void>(sys::fchownat(FdRef(number), "", uid, info->stx_gid, AT_EMPTY_PATH));
  }
  return {};
}

Outcome<void> umask(Init&, const Op& op) {
  sys::umask(op.mode);
  return {};
}

// Tried once before the ids change, for directories that only root may enter, and, if that was
// denied (extra bit 2), once after, for those that only the user may. Then checked: a directory
// outside the root shows as "(unreachable)" (CVE-2024-21626).
Outcome<void> working_directory(Init& init, const Op& op) {
  if (init.in_working_directory) return {};
  const char* path = init.text(op.text);
  auto entered = sys::chdir(path);
  if (!entered && entered.error().value == ENOENT && (op.extra & 1U) != 0) {
    NACRE_TRY(resolve_or_make(init, path, Make::kDirectory, 0755));
    entered = sys::chdir(path);
  }
  if (!entered) {
    const bool denied = entered.error().value == EACCES || entered.error().value == EPERM;
    if (denied && (op.extra & 2U) != 0) return {};
    return entered;
  }
  char buffer[kPathMax];
  const auto length = sys::getcwd(buffer, sizeof buffer);
  // The kernel filled it, which the analyzer cannot see.
  // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
  if (!length || *length == 0 || buffer[0] != '/') return refuse(kOutsideRoot);
  init.in_working_directory = true;
  return {};
}

}  // namespace nacre::init
