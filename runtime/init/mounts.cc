#include <linux/magic.h>

#include "runtime/init/paths.h"
#include "sys/file.h"
#include "sys/mount.h"
#include "sys/process.h"

namespace nacre::init {
namespace {

// A copy of a mount kept for many targets. A detached mount can be copied itself only since 6.15;
// before that the first use takes the mount and later uses copy it where it is attached.
Outcome<sys::MountFd> copy_of(FdRef mount) {
  auto copy = sys::open_tree(mount, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
  if (copy || copy.error().value != EINVAL) return copy;
  return sys::duplicate<sys::MountFd>(mount);
}

// A tmpfs takes the mode of the directory that it covers, unless the spec's own mode= follows.
Outcome<void> take_mode_of(const Init& init, const char* path, FdRef context) {
  const auto target = resolve(init, path);
  if (!target) return {};
  const auto info = NACRE_TRY(sys::fstatx(*target, STATX_TYPE | STATX_MODE));
  if ((info.stx_mode & S_IFMT) != S_IFDIR) return {};
  char digits[] = "00000";
  for (unsigned i = 0; i < 4; ++i) {
    digits[4 - i] = static_cast<char>('0' + (info.stx_mode >> (3 * i) & 7U));
  }
  return sys::fsconfig_string(context, "mode", digits);
}

// Whoever could put something else in the place of /dev/null would choose what a masked path shows
// (CVE-2025-31133).
Outcome<void> expect_null_device(FdRef fd) {
  const auto info = NACRE_TRY(sys::fstatx(fd));
  const bool null_device =
      (info.stx_mode & S_IFMT) == S_IFCHR && info.stx_rdev_major == 1 && info.stx_rdev_minor == 3;
  return null_device ? Outcome<void>{} : refuse(kWrongFile);
}

// proc and sysfs go onto a real directory of the root only: not through a link, not somewhere an
// earlier mount redirected to (CVE-2019-19921, CVE-2023-27561). The descriptor that says so is the
// one that is mounted on: the name may mean something else a moment later.
Outcome<UniqueFd> open_straight(const Init& init, const char* path) {
  auto straight = sys::openat2_scoped(
      init.root, path + (path[0] == '/' ? 1 : 0),
      {.flags = O_PATH | O_DIRECTORY, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS});
  if (!straight) return refuse(kNotARealDirectory);
  return straight;
}

Outcome<UniqueFd> find_target(const Init& init, const Op& op, bool directory) {
  const char* path = init.text(op.text);
  const int flags = (op.value & kTargetNoFollow) != 0 ? O_NOFOLLOW : 0;
  const Make kind = directory ? Make::kDirectory : Make::kFile;
  UniqueFd target = NACRE_TRY(resolve_or_make(init, path, kind, op.mode, flags));
  if ((op.value & kTargetMustBeDirectory) == 0) return target;
  return open_straight(init, path);
}

// A link of the image must not lead a volume to where the runtime and the container's programs ask
// the kernel.
Outcome<void> expect_no_procfs(FdRef target) {
  const auto fs = NACRE_TRY(sys::fstatfs(target));
  return fs.f_type == PROC_SUPER_MAGIC ? refuse(kLeadsIntoProc) : Outcome<void>{};
}

// A path of the root, or of the procfs or sysfs that this process itself has mounted.
Outcome<UniqueFd> resolve_from_base(const Init& init, const Op& op) {
  const auto base = static_cast<Base>(op.extra);
  if (base == Base::kRoot) return resolve(init, init.text(op.text));
  return sys::openat2_scoped(base == Base::kProc ? init.proc : init.sysfs, init.text(op.text),
                             {.flags = O_PATH, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS});
}

}  // namespace

Outcome<void> new_fs(Init& init, const Op& op) {
  const sys::FsContextFd context = NACRE_TRY(sys::fsopen(init.text(op.text)));
  if (op.text2.offset != 0) NACRE_TRY(take_mode_of(init, init.text(op.text2), context));
  const StrRef* words = init.items<StrRef>(op.list);
  for (std::uint32_t i = 0; i + 1 < op.list.count; i += 2) {
    const char* key = init.text(words[i]);
    const char* value = init.text(words[i + 1]);
    NACRE_TRY(*value == '\0' ? sys::fsconfig_flag(context, key)
                             : sys::fsconfig_string(context, key, value));
  }
  NACRE_TRY(sys::fsconfig_create(context));
  init.mount = NACRE_TRY(sys::fsmount(context, op.value));
  return {};
}

Outcome<void> take_mount(Init& init, const Op& op) {
  init.mount = sys::MountFd(op.fd);
  return {};
}

Outcome<void> set_attr(Init& init, const Op& op) {
  return sys::mount_setattr(init.mount, "", AT_EMPTY_PATH | op.extra,
                            {.set = op.value, .clear = op.value2, .propagation = op.mode});
}

Outcome<void> keep_mount(Init& init, const Op& op) {
  NACRE_TRY(sys::dup_onto(init.mount, op.fd));
  init.mount.reset();
  return sys::set_fd_flags(FdRef(op.fd), FD_CLOEXEC);
}

Outcome<void> attach(Init& init, const Op& op) {
  const auto source = NACRE_TRY(sys::fstatx(init.mount, STATX_TYPE));
  const bool directory = (source.stx_mode & S_IFMT) == S_IFDIR;
  const UniqueFd target = NACRE_TRY(find_target(init, op, directory));
  // move_mount only says EINVAL; Docker's daemon knows what to advise on ENOTDIR.
  const auto there = NACRE_TRY(sys::fstatx(target, STATX_TYPE));
  if (((there.stx_mode & S_IFMT) == S_IFDIR) != directory) return std::unexpected(Errno{ENOTDIR});
  if ((op.value & kTargetInProc) == 0) NACRE_TRY(expect_no_procfs(target));
  NACRE_TRY(sys::move_mount(init.mount, target));
  if ((op.value & kKeepAsProc) != 0) {
    init.proc = std::move(init.mount);
  } else if ((op.value & kKeepAsSys) != 0) {
    init.sysfs = std::move(init.mount);
  } else {
    init.mount.reset();
  }
  return {};
}

Outcome<void> mask(Init& init, const Op& op) {
  const auto target = resolve_from_base(init, op);
  if (!target) {
    // Nothing there to hide. A path through something that is no directory cannot be reached
    // either.
    const int error = target.error().value;
    if (error == ENOENT || error == ENOTDIR) return {};
    return std::unexpected(target.error());
  }
  const auto info = NACRE_TRY(sys::fstatx(*target, STATX_TYPE));
  const bool directory = (info.stx_mode & S_IFMT) == S_IFDIR;
  if (!directory) NACRE_TRY(expect_null_device(FdRef(op.fd)));
  const sys::MountFd cover =
      NACRE_TRY(copy_of(FdRef(directory ? static_cast<int>(op.value) : op.fd)));
  return sys::move_mount(cover, *target);
}

Outcome<void> readonly(Init& init, const Op& op) {
  const auto target = resolve_from_base(init, op);
  if (!target) {
    if (target.error().value == ENOENT) return {};
    return std::unexpected(target.error());
  }
  const sys::MountFd copy =
      NACRE_TRY(sys::open_tree(*target, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE));
  NACRE_TRY(sys::mount_setattr(copy, "", AT_EMPTY_PATH | AT_RECURSIVE, {.set = MOUNT_ATTR_RDONLY}));
  return sys::move_mount(copy, *target);
}

}  // namespace nacre::init
