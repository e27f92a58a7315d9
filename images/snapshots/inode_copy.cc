#include "images/snapshots/inode_copy.h"

#include <sys/sysmacros.h>

#include <array>
#include <vector>

#include "base/text.h"
#include "images/layers/disk_attributes.h"
#include "sys/file.h"
#include "sys/inode.h"
#include "sys/io.h"
#include "sys/xattr.h"

namespace nacre::images {
namespace {

constexpr std::uint32_t kModeBits = 07777;

sys::Times times_of(const struct statx& seen) {
  return {{seen.stx_atime.tv_sec, static_cast<long>(seen.stx_atime.tv_nsec)},
          {seen.stx_mtime.tv_sec, static_cast<long>(seen.stx_mtime.tv_nsec)}};
}

// By descriptor, in the order that keeps them: chown takes away set-id bits and capabilities.
Result<void> set_attributes(FdRef to, const struct statx& seen, const layers::Xattrs& attributes) {
  NACRE_TRY_CTX(sys::fchown(to, seen.stx_uid, seen.stx_gid), "set the owner");
  for (const auto& [name, value] : attributes) {
    static_cast<void>(NACRE_TRY_CTX(sys::setxattr_fd(to, name.c_str(), value.data(), value.size()),
                                    text::join("set the attribute ", name)));
  }
  NACRE_TRY_CTX(sys::fchmod(to, seen.stx_mode & kModeBits), "set the mode");
  NACRE_TRY_CTX(sys::futimens(to, times_of(seen)), "set the times");
  return {};
}

Result<void> copy_bytes(FdRef from, FdRef to) {
  constexpr std::size_t kAtOnce = std::size_t{256} << 10U;
  std::vector<char> buffer(kAtOnce);
  for (;;) {
    const std::size_t got = NACRE_TRY_CTX(sys::read(from, buffer.data(), buffer.size()), "read");
    if (got == 0) return {};
    NACRE_TRY_CTX(sys::write_all(to, {buffer.data(), got}), "write");
  }
}

Result<void> copy_file(FdRef from, const std::string& from_name, FdRef to,
                       const std::string& to_name, const struct statx& seen) {
  const auto source = NACRE_TRY_CTX(
      sys::openat(from, from_name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK), "open");
  const auto target = NACRE_TRY_CTX(
      sys::openat(to, to_name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600), "create");
  NACRE_TRY(copy_bytes(source, target));
  const layers::Xattrs attributes = NACRE_TRY(layers::read_attributes(source));
  NACRE_TRY(set_attributes(target, seen, attributes));
  NACRE_TRY_CTX(sys::fsync(target), "fsync");
  return {};
}

// What is not opened, because opening a device or FIFO does something.
Result<void> make_special(FdRef from, const std::string& from_name, FdRef to,
                          const std::string& to_name, const struct statx& seen) {
  if (S_ISLNK(seen.stx_mode)) {
    std::array<char, 4096> target;  // PATH_MAX, the longest there is
    const std::size_t size =
        NACRE_TRY_CTX(sys::readlinkat(from, from_name.c_str(), target.data(), target.size() - 1),
                      "read the link");
    target.at(size) = '\0';
    NACRE_TRY_CTX(sys::symlinkat(target.data(), to, to_name.c_str()), "make the symlink");
    return {};
  }
  const std::uint64_t device = makedev(seen.stx_rdev_major, seen.stx_rdev_minor);
  NACRE_TRY_CTX(sys::mknodat(to, to_name.c_str(), seen.stx_mode & (S_IFMT | 0700U), device),
                "make the node");
  return {};
}

sys::Outcome<void> set_attribute_at(FdRef dir, const std::string& entry, const std::string& name,
                                    const std::string& value) {
  const auto set = sys::setxattrat(dir, entry.c_str(), AT_SYMLINK_NOFOLLOW, name.c_str(),
                                   value.data(), value.size());
  if (set || set.error().value != ENOSYS) return set;
  const std::string path = text::join("/proc/self/fd/", dir.get(), '/', entry);  // before 6.13
  return sys::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size());
}

Result<void> copy_special(FdRef from, const std::string& from_name, FdRef to,
                          const std::string& to_name, const struct statx& seen) {
  const layers::Xattrs attributes = NACRE_TRY(layers::read_attributes_at(from, from_name));
  NACRE_TRY(make_special(from, from_name, to, to_name, seen));
  const char* name = to_name.c_str();
  NACRE_TRY_CTX(sys::fchownat(to, name, seen.stx_uid, seen.stx_gid, AT_SYMLINK_NOFOLLOW),
                "set the owner");
  for (const auto& [attribute, value] : attributes) {
    NACRE_TRY_CTX(set_attribute_at(to, to_name, attribute, value),
                  text::join("set the attribute ", attribute));
  }
  // A symlink has no mode, and nothing else here is followed.
  if (!S_ISLNK(seen.stx_mode)) {
    NACRE_TRY_CTX(sys::fchmodat(to, name, seen.stx_mode & kModeBits), "set the mode");
  }
  NACRE_TRY_CTX(sys::utimensat(to, name, times_of(seen), AT_SYMLINK_NOFOLLOW), "set the times");
  return {};
}

}  // namespace

Result<void> copy_inode(FdRef from, const std::string& from_name, FdRef to,
                        const std::string& to_name) {
  const auto seen = NACRE_TRY_CTX(sys::statx(from, from_name.c_str(), AT_SYMLINK_NOFOLLOW), "stat");
  if (S_ISDIR(seen.stx_mode)) return fail(invalid_argument("is a directory"));
  if (S_ISREG(seen.stx_mode)) return copy_file(from, from_name, to, to_name, seen);
  return copy_special(from, from_name, to, to_name, seen);
}

Result<void> copy_directory_attributes(FdRef from, FdRef to) {
  const auto seen = NACRE_TRY_CTX(sys::fstatx(from), "stat");
  return set_attributes(to, seen, NACRE_TRY(layers::read_attributes(from)));
}

Result<bool> same_directory_attributes(FdRef a, FdRef b) {
  const auto left = NACRE_TRY_CTX(sys::fstatx(a), "stat");
  const auto right = NACRE_TRY_CTX(sys::fstatx(b), "stat");
  if (left.stx_mode != right.stx_mode || left.stx_uid != right.stx_uid ||
      left.stx_gid != right.stx_gid) {
    return false;
  }
  return NACRE_TRY(layers::read_attributes(a)) == NACRE_TRY(layers::read_attributes(b));
}

}  // namespace nacre::images
