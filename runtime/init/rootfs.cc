#include "runtime/init/init.h"
#include "sys/file.h"
#include "sys/mount.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace nacre::init {
namespace {

bool is_file(const struct statx& info, std::uint64_t device, std::uint64_t inode) {
  return (std::uint64_t{info.stx_dev_major} << 32U | info.stx_dev_minor) == device &&
         info.stx_ino == inode;
}

}  // namespace

Outcome<void> propagation(Init&, const Op& op) {
  return sys::mount_setattr(sys::kCwd, "/", AT_RECURSIVE, {.propagation = op.value});
}

// In a user namespace the copies must be made by this process: a mount that the parent copies would
// not carry the locks that keep the container's root from lifting the host's read-only and nosuid.
// The place is found by the parent, which may enter directories that this process may not, in this
// process's mount namespace.
Outcome<void> open_tree(Init& init, const Op& op) {
  char mark = 0;
  const sys::Received place = NACRE_TRY(sys::receive_with_fd(init.report, &mark, 1));
  if (place.size == 0) sys::exit_now(0);  // the parent gave up or was killed
  const auto flags = static_cast<unsigned>(op.value) | AT_EMPTY_PATH | OPEN_TREE_CLONE;
  const sys::MountFd tree = NACRE_TRY(sys::open_tree(place.fd, "", flags));
  NACRE_TRY(sys::dup_onto(tree, op.fd));
  return sys::set_fd_flags(FdRef(op.fd), FD_CLOEXEC);
}

// Attached where it lies on the host, so that createContainer hooks find it at the path that they
// were told.
Outcome<void> attach_root(Init& init, const Op& op) {
  init.root = std::move(init.mount);
  const UniqueFd place =
      NACRE_TRY(sys::openat(sys::kCwd, init.text(op.text), O_PATH | O_DIRECTORY));
  const auto there = NACRE_TRY(sys::fstatx(place));
  const auto tree = NACRE_TRY(sys::fstatx(init.root));
  if (!is_file(there, op.value, op.value2) || !is_file(tree, op.value, op.value2)) {
    return refuse(kWrongFile);
  }
  return sys::move_mount(init.root, place);
}

Outcome<void> use_root(Init& init, const Op& op) {
  if (op.fd >= 0) {
    init.root = sys::MountFd(op.fd);
    return {};
  }
  init.root = NACRE_TRY(sys::openat<sys::MountFd>(sys::kCwd, "/", O_PATH | O_DIRECTORY));
  return {};
}

Outcome<void> readonly_root(Init& init, const Op&) {
  return sys::mount_setattr(init.root, "", AT_EMPTY_PATH, {.set = MOUNT_ATTR_RDONLY});
}

Outcome<void> root_propagation(Init& init, const Op& op) {
  return sys::mount_setattr(init.root, "", AT_EMPTY_PATH | op.extra, {.propagation = op.value});
}

// The old root ends up stacked over the new one at the same place, and is taken away from there: no
// directory for it has to exist in the container. It is made a slave first, so that the unmounting
// does not spread to the host.
Outcome<void> pivot_root(Init& init, const Op&) {
  NACRE_TRY(sys::fchdir(init.root));
  const sys::DirFd old_root =
      NACRE_TRY(sys::openat<sys::DirFd>(sys::kCwd, "/", O_RDONLY | O_DIRECTORY));
  NACRE_TRY(sys::pivot_root(".", "."));
  NACRE_TRY(sys::fchdir(old_root));
  NACRE_TRY(sys::mount_setattr(sys::kCwd, ".", AT_RECURSIVE, {.propagation = MS_SLAVE}));
  NACRE_TRY(sys::umount(".", sys::kMountDetach));
  return sys::chdir("/");
}

// For roots that cannot be pivoted away from (initramfs). The caller's plan has masked /proc and
// /sys of the host.
Outcome<void> move_root(Init& init, const Op&) {
  const UniqueFd slash = NACRE_TRY(sys::openat(sys::kCwd, "/", O_PATH | O_DIRECTORY));
  NACRE_TRY(sys::fchdir(init.root));
  NACRE_TRY(sys::move_mount(init.root, slash));
  NACRE_TRY(sys::chroot("."));
  return sys::chdir("/");
}

Outcome<void> chroot(Init& init, const Op&) {
  NACRE_TRY(sys::fchdir(init.root));
  NACRE_TRY(sys::chroot("."));
  return sys::chdir("/");
}

}  // namespace nacre::init
