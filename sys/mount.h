// The file-descriptor mount API (5.2; mount_setattr 5.12). The classic mount(2), which takes paths,
// is here for the one thing that nothing else can do (see there).
#pragma once

#include <linux/mount.h>

#include <cstdint>

#include "sys/fds.h"
#include "sys/file.h"
#include "sys/syscall.h"

namespace nacre::sys {

// One mount_setattr(2) request. propagation: MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE, or 0
// for unchanged.
struct MountAttr {
  std::uint64_t set = 0;  // MOUNT_ATTR_*
  std::uint64_t clear = 0;
  std::uint64_t propagation = 0;
  int userns_fd = -1;  // with MOUNT_ATTR_IDMAP in `set`
};

[[nodiscard]] inline Outcome<FsContextFd> fsopen(const char* type) noexcept {
  return call<FsContextFd>(__NR_fsopen, type, FSOPEN_CLOEXEC);
}
[[nodiscard]] inline Outcome<void> fsconfig_string(FdRef context, const char* key,
                                                   const char* value) noexcept {
  return call<void>(__NR_fsconfig, context.get(), FSCONFIG_SET_STRING, key, value, 0);
}
[[nodiscard]] inline Outcome<void> fsconfig_flag(FdRef context, const char* key) noexcept {
  return call<void>(__NR_fsconfig, context.get(), FSCONFIG_SET_FLAG, key, nullptr, 0);
}
// An open file as a value: layers of an overlay since 6.13.
[[nodiscard]] inline Outcome<void> fsconfig_fd(FdRef context, const char* key,
                                               FdRef value) noexcept {
  return call<void>(__NR_fsconfig, context.get(), FSCONFIG_SET_FD, key, nullptr, value.get());
}
[[nodiscard]] inline Outcome<void> fsconfig_create(FdRef context) noexcept {
  return call<void>(__NR_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
}
[[nodiscard]] inline Outcome<MountFd> fsmount(FdRef context, std::uint64_t attributes) noexcept {
  return call<MountFd>(__NR_fsmount, context.get(), FSMOUNT_CLOEXEC, attributes);
}
// flags: OPEN_TREE_CLONE for a detached copy, AT_RECURSIVE with what is mounted below it,
// AT_EMPTY_PATH.
[[nodiscard]] inline Outcome<MountFd> open_tree(FdRef dir, const char* path,
                                                unsigned flags) noexcept {
  return call<MountFd>(__NR_open_tree, dir.get(), path, flags | OPEN_TREE_CLOEXEC);
}
// Attaches a detached mount (or moves an attached one) onto what `target` refers to, both by
// descriptor alone.
[[nodiscard]] inline Outcome<void> move_mount(FdRef mount, FdRef target) noexcept {
  return call<void>(__NR_move_mount, mount.get(), "", target.get(), "",
                    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}
[[nodiscard]] inline Outcome<void> mount_setattr(FdRef dir, const char* path, unsigned flags,
                                                 const MountAttr& attr) noexcept {
  mount_attr raw{};
  raw.attr_set = attr.set;
  raw.attr_clr = attr.clear;
  raw.propagation = attr.propagation;
  if (attr.userns_fd >= 0) raw.userns_fd = static_cast<unsigned>(attr.userns_fd);
  return call<void>(__NR_mount_setattr, dir.get(), path, flags, &raw, sizeof raw);
}
// The classic mount(2), for an overlay of many layers before 6.7: fsconfig takes 256 bytes for a
// value and `lowerdir` must be one, where this takes a page. Only relative paths, in a mount
// namespace nobody else sees.
[[nodiscard]] inline Outcome<void> mount_with_options(const char* type, const char* target,
                                                      unsigned long flags,
                                                      const char* options) noexcept {
  return call<void>(__NR_mount, type, target, type, flags, options);
}
[[nodiscard]] inline Outcome<void> pivot_root(const char* new_root, const char* put_old) noexcept {
  return call<void>(__NR_pivot_root, new_root, put_old);
}
inline constexpr int kMountDetach =
    2;  // MNT_DETACH; <sys/mount.h> and <linux/mount.h> cannot be included together
[[nodiscard]] inline Outcome<void> umount(const char* path, int flags) noexcept {
  return call<void>(__NR_umount2, path, flags);
}

}  // namespace nacre::sys
