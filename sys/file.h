// Files and directories. Each function is one system call; paths are NUL-terminated and never null.
// Every descriptor made here is close-on-exec.
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdint>

#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::sys {

// The flags of openat2(2) (5.6). `mode` counts only with O_CREAT.
struct OpenHow {
  int flags = O_RDONLY;
  std::uint32_t mode = 0;
  std::uint64_t resolve = 0;  // RESOLVE_*
};

[[nodiscard]] inline Outcome<UniqueFd> openat2(FdRef dir, const char* path, OpenHow how) noexcept {
  open_how raw{};
  raw.flags = static_cast<std::uint64_t>(static_cast<std::uint32_t>(how.flags | O_CLOEXEC));
  raw.mode = how.mode;
  raw.resolve = how.resolve;
  return call<UniqueFd>(__NR_openat2, dir.get(), path, &raw, sizeof raw);
}
// The same for lookups that must stay below `dir`. With RESOLVE_IN_ROOT or RESOLVE_BENEATH the
// kernel gives up with EAGAIN when anybody renamed or mounted anything while it went through a
// "..": somebody who does that in a loop must not be able to stop us (openat2(2)).
[[nodiscard]] inline Outcome<UniqueFd> openat2_scoped(FdRef dir, const char* path,
                                                      OpenHow how) noexcept {
  constexpr int kTries = 256;
  auto opened = openat2(dir, path, how);
  for (int i = 1; i < kTries && !opened && opened.error().value == EAGAIN; ++i) {
    opened = openat2(dir, path, how);
  }
  return opened;
}
template <class Fd = UniqueFd>
[[nodiscard]] Outcome<Fd> openat(FdRef dir, const char* path, int flags,
                                 std::uint32_t mode = 0) noexcept {
  return call<Fd>(__NR_openat, dir.get(), path, flags | O_CLOEXEC, mode);
}
// A second descriptor for the same open file, close-on-exec.
template <class Fd = UniqueFd>
[[nodiscard]] Outcome<Fd> duplicate(FdRef fd, int at_least = 3) noexcept {
  return call<Fd>(__NR_fcntl, fd.get(), F_DUPFD_CLOEXEC, at_least);
}
// Makes `target` (exactly) refer to `fd`'s open file; the new one is not close-on-exec. fd must
// differ from target.
[[nodiscard]] inline Outcome<void> dup_onto(FdRef fd, int target) noexcept {
  return call<void>(__NR_dup3, fd.get(), target, 0);
}
[[nodiscard]] inline Outcome<void> set_fd_flags(FdRef fd, int flags) noexcept {
  return call<void>(__NR_fcntl, fd.get(), F_SETFD, flags);
}
[[nodiscard]] inline Outcome<int> get_status_flags(FdRef fd) noexcept {
  return call<int>(__NR_fcntl, fd.get(), F_GETFL, 0);
}
[[nodiscard]] inline Outcome<void> set_status_flags(FdRef fd, int flags) noexcept {
  return call<void>(__NR_fcntl, fd.get(), F_SETFL, flags);
}
[[nodiscard]] inline Outcome<std::size_t> read(FdRef fd, void* buffer, std::size_t size) noexcept {
  return call<std::size_t>(__NR_read, fd.get(), buffer, size);
}
[[nodiscard]] inline Outcome<std::size_t> write(FdRef fd, const void* bytes,
                                                std::size_t size) noexcept {
  return call<std::size_t>(__NR_write, fd.get(), bytes, size);
}
[[nodiscard]] inline Outcome<off_t> lseek(FdRef fd, off_t offset, int whence) noexcept {
  return call<off_t>(__NR_lseek, fd.get(), offset, whence);
}
// A hint of how a file will be used (POSIX_FADV_*); `size` 0 is to its end. ESPIPE: not a file.
[[nodiscard]] inline Outcome<void> fadvise(FdRef fd, off_t offset, off_t size,
                                           int advice) noexcept {
  return call<void>(__NR_fadvise64, fd.get(), offset, size, advice);
}
[[nodiscard]] inline Outcome<void> fsync(FdRef fd) noexcept {
  return call<void>(__NR_fsync, fd.get());
}
[[nodiscard]] inline Outcome<void> ftruncate(FdRef fd, off_t size) noexcept {
  return call<void>(__NR_ftruncate, fd.get(), size);
}
[[nodiscard]] inline Outcome<void> flock(FdRef fd, int operation) noexcept {
  return call<void>(__NR_flock, fd.get(), operation);
}

// statx(2) with the basic fields. AT_EMPTY_PATH in flags stats `dir` itself.
[[nodiscard]] inline Outcome<struct statx> statx(FdRef dir, const char* path, int flags,
                                                 unsigned mask = STATX_BASIC_STATS) noexcept {
  struct statx out;
  const auto done = call<void>(__NR_statx, dir.get(), path, flags, mask, &out);
  if (!done) return std::unexpected(done.error());
  return out;
}
[[nodiscard]] inline Outcome<struct statx> fstatx(FdRef fd,
                                                  unsigned mask = STATX_BASIC_STATS) noexcept {
  return statx(fd, "", AT_EMPTY_PATH, mask);
}
[[nodiscard]] inline Outcome<struct statfs> fstatfs(FdRef fd) noexcept {
  struct statfs out;
  const auto done = call<void>(__NR_fstatfs, fd.get(), &out);
  if (!done) return std::unexpected(done.error());
  return out;
}
[[nodiscard]] inline Outcome<struct statfs> statfs(const char* path) noexcept {
  struct statfs out;
  const auto done = call<void>(__NR_statfs, path, &out);
  if (!done) return std::unexpected(done.error());
  return out;
}

[[nodiscard]] inline Outcome<void> mkdirat(FdRef dir, const char* path,
                                           std::uint32_t mode) noexcept {
  return call<void>(__NR_mkdirat, dir.get(), path, mode);
}
[[nodiscard]] inline Outcome<void> unlinkat(FdRef dir, const char* path, int flags = 0) noexcept {
  return call<void>(__NR_unlinkat, dir.get(), path, flags);
}
[[nodiscard]] inline Outcome<void> symlinkat(const char* target, FdRef dir,
                                             const char* path) noexcept {
  return call<void>(__NR_symlinkat, target, dir.get(), path);
}
[[nodiscard]] inline Outcome<void> renameat(FdRef from_dir, const char* from, FdRef to_dir,
                                            const char* to, unsigned flags = 0) noexcept {
  return call<void>(__NR_renameat2, from_dir.get(), from, to_dir.get(), to, flags);
}
[[nodiscard]] inline Outcome<void> mknodat(FdRef dir, const char* path, std::uint32_t mode,
                                           std::uint64_t device) noexcept {
  return call<void>(__NR_mknodat, dir.get(), path, mode, static_cast<unsigned>(device));
}
[[nodiscard]] inline Outcome<void> fchmod(FdRef fd, std::uint32_t mode) noexcept {
  return call<void>(__NR_fchmod, fd.get(), mode);
}
// Follows a symlink at the end: only for names just made below a directory nobody else can write.
[[nodiscard]] inline Outcome<void> fchmodat(FdRef dir, const char* path,
                                            std::uint32_t mode) noexcept {
  return call<void>(__NR_fchmodat, dir.get(), path, mode);
}
[[nodiscard]] inline Outcome<void> fchownat(FdRef dir, const char* path, std::uint32_t uid,
                                            std::uint32_t gid, int flags) noexcept {
  return call<void>(__NR_fchownat, dir.get(), path, uid, gid, flags);
}
[[nodiscard]] inline Outcome<std::size_t> readlinkat(FdRef dir, const char* path, char* buffer,
                                                     std::size_t size) noexcept {
  return call<std::size_t>(__NR_readlinkat, dir.get(), path, buffer, size);
}
// faccessat2(2), 5.8. AT_EACCESS checks with the effective ids.
[[nodiscard]] inline Outcome<void> faccessat2(FdRef dir, const char* path, int mode,
                                              int flags) noexcept {
  return call<void>(__NR_faccessat2, dir.get(), path, mode, flags);
}
[[nodiscard]] inline Outcome<void> chdir(const char* path) noexcept {
  return call<void>(__NR_chdir, path);
}
[[nodiscard]] inline Outcome<void> fchdir(FdRef dir) noexcept {
  return call<void>(__NR_fchdir, dir.get());
}
[[nodiscard]] inline Outcome<void> chroot(const char* path) noexcept {
  return call<void>(__NR_chroot, path);
}
// The length of the path including its NUL. "(unreachable)..." means the directory lies outside the
// root.
[[nodiscard]] inline Outcome<std::size_t> getcwd(char* buffer, std::size_t size) noexcept {
  return call<std::size_t>(__NR_getcwd, buffer, size);
}
inline std::uint32_t umask(std::uint32_t mask) noexcept {
  return static_cast<std::uint32_t>(raw_syscall(__NR_umask, static_cast<long>(mask)));
}
struct Pipe {
  UniqueFd read;
  UniqueFd write;
};
[[nodiscard]] inline Outcome<Pipe> pipe(int flags = O_CLOEXEC) noexcept {
  int ends[2];
  const auto done = call<void>(__NR_pipe2, ends, flags);
  if (!done) return std::unexpected(done.error());
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}
[[nodiscard]] inline Outcome<UniqueFd> memfd_create(const char* name, unsigned flags) noexcept {
  return call<UniqueFd>(__NR_memfd_create, name, flags);
}
[[nodiscard]] inline Outcome<void> add_seals(FdRef fd, unsigned seals) noexcept {
  return call<void>(__NR_fcntl, fd.get(), F_ADD_SEALS, seals);
}
[[nodiscard]] inline Outcome<std::size_t> getdents64(FdRef dir, void* buffer,
                                                     std::size_t size) noexcept {
  return call<std::size_t>(__NR_getdents64, dir.get(), buffer, size);
}
[[nodiscard]] inline Outcome<std::size_t> setxattr_fd(FdRef fd, const char* name, const void* value,
                                                      std::size_t size) noexcept {
  return call<std::size_t>(__NR_fsetxattr, fd.get(), name, value, size, 0);
}
// The length of the value; with size 0 nothing is copied. ENODATA: there is no such attribute.
[[nodiscard]] inline Outcome<std::size_t> getxattr_fd(FdRef fd, const char* name, void* value,
                                                      std::size_t size) noexcept {
  return call<std::size_t>(__NR_fgetxattr, fd.get(), name, value, size);
}

}  // namespace nacre::sys
