#include <linux/if.h>
#include <linux/sockios.h>

#include "runtime/init/init.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace nacre::init {

Outcome<void> join(Init&, const Op& op) {
  const UniqueFd ns(op.fd);
  return sys::setns(ns, op.value);
}

Outcome<void> unshare(Init&, const Op& op) { return sys::unshare(op.value); }

// The second process becomes a sibling, so that the parent can wait for it; this one has nothing
// left to do. CLONE_PARENT takes no exit signal of its own: the kernel gives the one of this
// process.
Outcome<void> fork(Init& init, const Op& op) {
  const int child = NACRE_TRY(sys::clone3_fork({.flags = op.value | CLONE_PARENT}));
  if (child == 0) return {};
  static_cast<void>(
      send_report(init, ReportKind::kPid, op.stage, static_cast<std::uint32_t>(child), 0));
  sys::exit_now(0);
}

Outcome<void> become_root(Init&, const Op&) {
  // The parent raised the ambient set so that exec in a user namespace without maps kept the
  // capabilities.
  static_cast<void>(NACRE_TRY(sys::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)));
  NACRE_TRY(sys::setresgid(0));
  NACRE_TRY(sys::setresuid(0));
  // A change of ids makes the process dumpable by /proc/sys/fs/suid_dumpable's choice: keep ours.
  static_cast<void>(NACRE_TRY(sys::prctl(PR_SET_DUMPABLE, 0)));
  return {};
}

Outcome<void> rendezvous(Init& init, const Op& op) {
  if (op.extra == 0 && !send_report(init, ReportKind::kReady, op.stage, 0, 0)) sys::exit_now(0);
  char go = 0;
  const std::size_t size = NACRE_TRY(sys::read(init.report, &go, 1));
  if (size == 0) sys::exit_now(0);  // the parent gave up or was killed
  return {};
}

Outcome<void> new_session(Init&, const Op&) { return sys::setsid(); }

Outcome<void> keyring(Init& init, const Op& op) {
  const auto key = sys::join_session_keyring(init.text(op.text));
  if (!key) {
    // No key retention service in this kernel (ENOSYS) means no keys to keep apart.
    if (key.error().value == ENOSYS) return {};
    return std::unexpected(key.error());
  }
  // KEY_USR_SEARCH: whoever has the container's user id may search it, as login sessions have it.
  constexpr std::uint32_t kDefaultPossessor = 0x3f000000;
  constexpr std::uint32_t kUserSearch = 0x00080000;
  constexpr std::uint32_t kUserViewRead = 0x00030000;
  static_cast<void>(
      sys::set_key_permissions(*key, kDefaultPossessor | kUserViewRead | kUserSearch));
  return {};
}

Outcome<void> loopback_up(Init&, const Op&) {
  const UniqueFd socket = NACRE_TRY(sys::socket(AF_INET, SOCK_DGRAM));
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return sys::call<void>(__NR_ioctl, socket.get(), SIOCSIFFLAGS, &request);
}

Outcome<void> hostname(Init& init, const Op& op) {
  const char* name = init.text(op.text);
  return sys::sethostname(name, __builtin_strlen(name));
}

Outcome<void> domainname(Init& init, const Op& op) {
  const char* name = init.text(op.text);
  return sys::setdomainname(name, __builtin_strlen(name));
}

}  // namespace nacre::init
