// What changes an inode beside its content, and the content at given places. Each function is one
// system call; paths are NUL-terminated and never null.
#pragma once

#include <fcntl.h>
#include <time.h>

#include <cstdint>

#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::sys {

struct Times {
  timespec access;
  timespec modification;
};
// AT_SYMLINK_NOFOLLOW sets those of a symlink itself.
[[nodiscard]] inline Outcome<void> utimensat(FdRef dir, const char* path, const Times& times,
                                             int flags) noexcept {
  return call<void>(__NR_utimensat, dir.get(), path, &times, flags);
}
[[nodiscard]] inline Outcome<void> futimens(FdRef fd, const Times& times) noexcept {
  return call<void>(__NR_utimensat, fd.get(), nullptr, &times, 0);
}
[[nodiscard]] inline Outcome<void> fchown(FdRef fd, std::uint32_t uid, std::uint32_t gid) noexcept {
  return call<void>(__NR_fchown, fd.get(), uid, gid);
}
// Does not follow with AT_SYMLINK_NOFOLLOW, as fchmodat(2) cannot promise. ENOSYS before Linux 6.6;
// EOPNOTSUPP for a symlink, which has no mode.
[[nodiscard]] inline Outcome<void> fchmodat2(FdRef dir, const char* path, std::uint32_t mode,
                                             int flags) noexcept {
  constexpr long kFchmodat2 = 452;  // not in Debian 12's headers
  return call<void>(kFchmodat2, dir.get(), path, mode, flags);
}
// Without AT_SYMLINK_FOLLOW a symlink itself gets another name.
[[nodiscard]] inline Outcome<void> linkat(FdRef from_dir, const char* from, FdRef to_dir,
                                          const char* to, int flags = 0) noexcept {
  return call<void>(__NR_linkat, from_dir.get(), from, to_dir.get(), to, flags);
}

[[nodiscard]] inline Outcome<std::size_t> pread(FdRef fd, void* buffer, std::size_t size,
                                                off_t offset) noexcept {
  return call<std::size_t>(__NR_pread64, fd.get(), buffer, size, offset);
}
[[nodiscard]] inline Outcome<std::size_t> pwrite(FdRef fd, const void* bytes, std::size_t size,
                                                 off_t offset) noexcept {
  return call<std::size_t>(__NR_pwrite64, fd.get(), bytes, size, offset);
}

}  // namespace nacre::sys
