// tmpcopyup: what the root file system has below a path goes into the new mount before it covers
// that path.
#include "runtime/init/paths.h"
#include "sys/file.h"

namespace nacre::init {
namespace {

constexpr int kMaxDepth = 64;            // the stack holds one directory buffer for each level
constexpr std::size_t kNameOffset = 19;  // of d_name in linux_dirent64

Outcome<void> copy_content(FdRef from, FdRef to) {
  char chunk[4096];
  for (;;) {
    const std::size_t size = NACRE_TRY(sys::read(from, chunk, sizeof chunk));
    if (size == 0) return {};
    for (std::size_t done = 0; done < size;) {
      done += NACRE_TRY(sys::write(to, chunk + done, size - done));
    }
  }
}

Outcome<void> copy_entry(FdRef from, FdRef to, const char* name, int depth);

Outcome<void> copy_children(FdRef from, FdRef to, int depth) {
  if (depth > kMaxDepth) return std::unexpected(Errno{ELOOP});
  alignas(8) char chunk[2048];
  for (;;) {
    const std::size_t size = NACRE_TRY(sys::getdents64(from, chunk, sizeof chunk));
    if (size == 0) return {};
    for (std::size_t at = 0; at < size;) {
      std::uint16_t length = 0;
      __builtin_memcpy(&length, chunk + at + 16, sizeof length);
      const char* name = chunk + at + kNameOffset;
      const bool self = name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
      if (!self) NACRE_TRY(copy_entry(from, to, name, depth));
      at += length;
    }
  }
}

Outcome<void> copy_directory(FdRef from, FdRef to, const char* name, int depth) {
  NACRE_TRY(sys::mkdirat(to, name, 0700));
  const UniqueFd source = NACRE_TRY(sys::openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const UniqueFd copy = NACRE_TRY(sys::openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return copy_children(source, copy, depth + 1);
}

Outcome<void> copy_file(FdRef from, FdRef to, const char* name) {
  // Not blocking: a pipe may stand there by now.
  const UniqueFd source = NACRE_TRY(sys::openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  const auto info = NACRE_TRY(sys::fstatx(source, STATX_TYPE));
  if ((info.stx_mode & S_IFMT) != S_IFREG) return refuse(kWrongFile);
  const UniqueFd copy =
      NACRE_TRY(sys::openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  return copy_content(source, copy);
}

Outcome<void> copy_link(FdRef from, FdRef to, const char* name) {
  char target[kPathMax];
  const std::size_t size = NACRE_TRY(sys::readlinkat(from, name, target, sizeof target - 1));
  target[size] = '\0';
  return sys::symlinkat(target, to, name);
}

Outcome<void> copy_node(FdRef to, const char* name, const struct statx& info) {
  const std::uint64_t device = (info.stx_rdev_minor & 0xffU) |
                               std::uint64_t{info.stx_rdev_major} << 8U |
                               (std::uint64_t{info.stx_rdev_minor} & ~0xffULL) << 12U;
  return sys::mknodat(to, name, (info.stx_mode & S_IFMT) | 0600U, device);
}

Outcome<void> copy_entry(FdRef from, FdRef to, const char* name, int depth) {
  const auto info = NACRE_TRY(sys::statx(from, name, AT_SYMLINK_NOFOLLOW));
  switch (info.stx_mode & S_IFMT) {
    case S_IFDIR:
      NACRE_TRY(copy_directory(from, to, name, depth));
      break;
    case S_IFREG:
      NACRE_TRY(copy_file(from, to, name));
      break;
    case S_IFLNK:
      NACRE_TRY(copy_link(from, to, name));
      break;
    default:
      NACRE_TRY(copy_node(to, name, info));
  }
  NACRE_TRY(sys::fchownat(to, name, info.stx_uid, info.stx_gid, AT_SYMLINK_NOFOLLOW));
  // After the owner: chown clears set-user-id. The new tree is not attached anywhere, so no name
  // here can be a trap.
  if ((info.stx_mode & S_IFMT) == S_IFLNK) return {};
  return sys::fchmodat(to, name, info.stx_mode & 07777U);
}

}  // namespace

Outcome<void> copy_up(Init& init, const Op& op) {
  const auto handle = resolve(init, init.text(op.text), O_DIRECTORY);
  if (!handle) {
    if (handle.error().value == ENOENT) return {};
    return std::unexpected(handle.error());
  }
  const UniqueFd source = NACRE_TRY(sys::openat(*handle, ".", O_RDONLY | O_DIRECTORY));
  const UniqueFd copy = NACRE_TRY(sys::openat(init.mount, ".", O_RDONLY | O_DIRECTORY));
  const auto info = NACRE_TRY(sys::fstatx(source));
  NACRE_TRY(copy_children(source, copy, 0));
  NACRE_TRY(sys::fchownat(copy, "", info.stx_uid, info.stx_gid, AT_EMPTY_PATH));
  return sys::fchmod(copy, info.stx_mode & 07777U);
}

}  // namespace nacre::init
