#include <linux/magic.h>

#include "runtime/init/paths.h"
#include "sys/file.h"
#include "sys/mount.h"
#include "sys/process.h"
#include "sys/socket.h"
#include "sys/tty.h"

namespace nacre::init {

// Everything below is done relative to the directory's descriptor, found once inside the root: a
// /dev that is a symbolic link leads to the container's own files at worst (CVE-2026-41579).
Outcome<void> make_device(Init& init, const Op& op) {
  const ParentAndName at = NACRE_TRY(make_parent(init, init.text(op.text)));
  const auto made = sys::mknodat(at.parent, at.name, op.mode, op.value);
  if (!made) {
    if (made.error().value != EEXIST) return made;
    const auto info = NACRE_TRY(sys::statx(at.parent, at.name, AT_SYMLINK_NOFOLLOW));
    const std::uint64_t there = (info.stx_rdev_minor & 0xffU) |
                                std::uint64_t{info.stx_rdev_major} << 8U |
                                (std::uint64_t{info.stx_rdev_minor} & ~0xffULL) << 12U;
    if ((info.stx_mode & S_IFMT) != (op.mode & S_IFMT) || there != op.value) return made;
  }
  // mknod applies the umask; the mode is set through the name of a node that is known not to be a
  // link.
  NACRE_TRY(sys::fchmodat(at.parent, at.name, op.mode & 07777U));
  return sys::fchownat(at.parent, at.name, static_cast<std::uint32_t>(op.value2 >> 32U),
                       static_cast<std::uint32_t>(op.value2), AT_SYMLINK_NOFOLLOW);
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
  UniqueFd master = NACRE_TRY(sys::openat2(
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
