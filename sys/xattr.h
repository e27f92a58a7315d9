// Extended attributes. Each function is one system call; paths and names are NUL-terminated.
//
// A symlink, a device and a FIFO cannot be opened without following or side effects, so their
// attributes go by directory and name: setxattrat and its kin (6.13). Before that only the calls
// that take a path exist (the l... ones, which do not follow the last component).
#pragma once

#include <fcntl.h>

#include <cstdint>

#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::sys {

namespace detail {
// Debian 12's headers are older than these numbers, which are the same on every architecture.
inline constexpr long kSetxattrat = 463;
inline constexpr long kGetxattrat = 464;
inline constexpr long kListxattrat = 465;
struct XattrArgs {  // struct xattr_args of linux/xattr.h
  alignas(8) std::uint64_t value;
  std::uint32_t size;
  std::uint32_t flags;
};
}  // namespace detail

// The names, each with its NUL. With size 0: how many bytes they take. ERANGE: they take more.
[[nodiscard]] inline Outcome<std::size_t> listxattr_fd(FdRef fd, char* names,
                                                       std::size_t size) noexcept {
  return call<std::size_t>(__NR_flistxattr, fd.get(), names, size);
}
[[nodiscard]] inline Outcome<void> removexattr_fd(FdRef fd, const char* name) noexcept {
  return call<void>(__NR_fremovexattr, fd.get(), name);
}

// at_flags: AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH (the descriptor may then be O_PATH). ENOSYS before
// Linux 6.13.
[[nodiscard]] inline Outcome<void> setxattrat(FdRef dir, const char* path, int at_flags,
                                              const char* name, const void* value,
                                              std::size_t size) noexcept {
  const detail::XattrArgs args{reinterpret_cast<std::uint64_t>(value),
                               static_cast<std::uint32_t>(size), 0};
  return call<void>(detail::kSetxattrat, dir.get(), path, at_flags, name, &args, sizeof args);
}
[[nodiscard]] inline Outcome<std::size_t> getxattrat(FdRef dir, const char* path, int at_flags,
                                                     const char* name, void* value,
                                                     std::size_t size) noexcept {
  const detail::XattrArgs args{reinterpret_cast<std::uint64_t>(value),
                               static_cast<std::uint32_t>(size), 0};
  return call<std::size_t>(detail::kGetxattrat, dir.get(), path, at_flags, name, &args,
                           sizeof args);
}
[[nodiscard]] inline Outcome<std::size_t> listxattrat(FdRef dir, const char* path, int at_flags,
                                                      char* names, std::size_t size) noexcept {
  return call<std::size_t>(detail::kListxattrat, dir.get(), path, at_flags, names, size);
}

[[nodiscard]] inline Outcome<void> lsetxattr(const char* path, const char* name, const void* value,
                                             std::size_t size) noexcept {
  return call<void>(__NR_lsetxattr, path, name, value, size, 0);
}
[[nodiscard]] inline Outcome<std::size_t> lgetxattr(const char* path, const char* name, void* value,
                                                    std::size_t size) noexcept {
  return call<std::size_t>(__NR_lgetxattr, path, name, value, size);
}
[[nodiscard]] inline Outcome<std::size_t> llistxattr(const char* path, char* names,
                                                     std::size_t size) noexcept {
  return call<std::size_t>(__NR_llistxattr, path, names, size);
}

}  // namespace nacre::sys
