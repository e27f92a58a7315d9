#include <linux/magic.h>

#include "runtime/init/paths.h"
#include "sys/file.h"
#include "sys/inode.h"
#include "sys/mount.h"
#include "sys/process.h"
#include "sys/socket.h"
#include "sys/tty.h"

namespace nacre::init {

namespace {

std::uint64_t number_of(const struct statx& node) {
  return (node.stx_rdev_minor & 0xffU) | std::uint64_t{node.stx_rdev_major} << 8U |
         (std::uint64_t{node.stx_rdev_minor} & ~0xffULL) << 12U;
}

Outcome<void> set_owner(FdRef dir, const char* name, const Op& op, int flags) {
  return sys::fchownat(dir, name, static_cast<std::uint32_t>(op.value2 >> 32U),
                       static_cast<std::uint32_t>(op.value2), flags);
}

// The mode is the one that was asked for: the umask is 0.
Outcome<void> new_device(FdRef parent, const char* name, const Op& op) {
  NACRE_TRY(sys::mknodat(parent, name, op.mode, op.value));
  return set_owner(parent, name, op, AT_SYMLINK_NOFOLLOW);
}

// What the image has in a device's place serves if it is that very device (runtime-spec
// config-linux.md, "Devices"). Checked and changed through one descriptor: in a root that somebody
// else can write to, the name may be a link to a file of the host by now.
Outcome<void> adopt_device(FdRef parent, const char* name, const Op& op) {
  const UniqueFd node = NACRE_TRY(sys::openat(parent, name, O_PATH | O_NOFOLLOW));
  const auto info = NACRE_TRY(sys::fstatx(node));
  if ((info.stx_mode & S_IFMT) != (op.mode & S_IFMT) || number_of(info) != op.value) {
    return std::unexpected(Errno{EEXIST});
  }
  NACRE_TRY(set_owner(node, "", op, AT_EMPTY_PATH));
  if ((info.stx_mode & 07777U) == (op.mode & 07777U)) return {};
  const auto changed = sys::fchmodat2(node, "", op.mode & 07777U, AT_EMPTY_PATH);
  if (changed || changed.error().value != ENOSYS) return changed;
  NACRE_TRY(sys::unlinkat(parent, name));  // before 6.6: a new one in its place
  return new_device(parent, name, op);
}

}  // namespace

// Everything below is done relative to the directory's descriptor, found once inside the root: a
// /dev that is a symbolic link leads to the container's own files at worst (CVE-2026-41579).
Outcome<void> make_device(Init& init, const Op& op) {
  const ParentAndName at = NACRE_TRY(make_parent(init, init.text(op.text)));
  auto made = new_device(at.parent, at.name, op);
  if (!made && made.error().value == EEXIST) made = adopt_device(at.parent, at.name, op);
  return made;
}

Outcome<void> make_link(Init& init, const Op& op) {
  const ParentAndName at = NACRE_TRY(make_parent(init, init.text(op.text)));
  const char* target = init.text(op.text2);
  auto made = sys::symlinkat(target, at.parent, at.name);
  if (!made && made.error().value == EEXIST && op.extra == 1) {
    NACRE_TRY(sys::unlinkat(at.parent, at.name));
    made = sys::symlinkat(target, at.parent, at.name);
  }
  if (!made && made.error().value == EEXIST) return {};
  return made;
}

namespace {

Outcome<UniqueFd> open_master(const Init& init) {
  UniqueFd master = NACRE_TRY(sys::openat2_scoped(
      init.root, "dev/pts/ptmx",
      {.flags = O_RDWR | O_NOCTTY, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS}));
  // A file that the image put there instead of a devpts must not be taken for a terminal.
  const auto fs = NACRE_TRY(sys::fstatfs(master));
  if (fs.f_type != DEVPTS_SUPER_MAGIC) return std::unexpected(Errno{ENOTTY});
  NACRE_TRY(sys::pty_unlock(master));
  return master;
}

// "\n" stays "\n": a log of the container's output would carry a carriage return on each line
// otherwise.
Outcome<void> keep_newlines(FdRef terminal) {
  auto settings = NACRE_TRY(sys::get_termios(terminal));
  settings.c_oflag &= ~static_cast<unsigned>(ONLCR);
  return sys::set_termios(terminal, settings);
}

// "/dev/pts/<n>", the name that goes with the master to the console socket.
std::size_t name_of(unsigned number, char* out) {
  constexpr char kPrefix[] = "/dev/pts/";
  std::size_t size = sizeof kPrefix - 1;
  __builtin_memcpy(out, kPrefix, size);
  unsigned divisor = 1;
  while (number / divisor >= 10) divisor *= 10;
  for (; divisor > 0; divisor /= 10) {
    out[size++] = static_cast<char>('0' + number / divisor % 10);
  }
  return size;
}

}  // namespace

Outcome<void> console(Init& init, const Op& op) {
  const UniqueFd socket(op.fd);
  const UniqueFd master = NACRE_TRY(open_master(init));
  init.terminal = NACRE_TRY(sys::pty_peer(master, O_RDWR | O_NOCTTY));
  if ((op.extra & kConsoleKeepsNewlines) != 0) NACRE_TRY(keep_newlines(init.terminal));
  if ((op.extra & kConsoleSize) != 0) {
    NACRE_TRY(sys::set_window_size(master, {static_cast<std::uint16_t>(op.value >> 16U),
                                            static_cast<std::uint16_t>(op.value), 0, 0}));
  }
  if (op.mode == 1) {
    // By the slave's own descriptor: /dev/pts/<n> may be something else by now (CVE-2025-52565).
    const sys::MountFd tree =
        NACRE_TRY(sys::open_tree(init.terminal, "", AT_EMPTY_PATH | OPEN_TREE_CLONE));
    const UniqueFd target =
        NACRE_TRY(resolve_or_make(init, "/dev/console", Make::kFile, 0666, O_NOFOLLOW));
    NACRE_TRY(sys::move_mount(tree, target));
  }
  char name[32];
  const unsigned number = NACRE_TRY(sys::pty_number(master));
  static_cast<void>(
      NACRE_TRY(sys::send_with_fd(socket, name, name_of(number, name), master.get())));
  return {};
}

}  // namespace nacre::init
