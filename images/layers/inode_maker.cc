#include "images/layers/inode_maker.h"

#include <algorithm>

#include "base/text.h"
#include "images/layers/content_writer.h"
#include "sys/file.h"
#include "sys/inode.h"
#include "sys/xattr.h"

namespace nacre::images::layers {
namespace {

constexpr std::uint32_t kPermissions = 0777;
constexpr std::uint32_t kOwnerAll = 0700;
constexpr std::uint32_t kOwnerReadWrite = 0600;

// What no filesystem here can keep is moved to the nearest time that one can (ext4: 1901 to 2446);
// the kernel does the rest for the filesystem at hand.
constexpr std::int64_t kFirstSecond = -(std::int64_t{1} << 31U);
constexpr std::int64_t kLastSecond = 253402300799;  // the end of the year 9999

sys::Times times_of(const tar::Time& time) {
  const timespec at{std::clamp(time.seconds, kFirstSecond, kLastSecond),
                    std::min<long>(time.nanoseconds, 999999999)};
  return {.access = at, .modification = at};
}

Error attribute_error(Errno error, const std::string& name) {
  return Error::from_errno(error, text::join("set the attribute ", text::quote(name)));
}

// Before 6.13 the only way that does not open the inode and does not follow it leads over a path.
sys::Outcome<void> set_attribute_at(const Place& place, const std::string& name,
                                    const std::string& value) {
  auto done = sys::setxattrat(place.directory, place.name.c_str(), AT_SYMLINK_NOFOLLOW,
                              name.c_str(), value.data(), value.size());
  if (done || done.error().value != ENOSYS) return done;
  const std::string path = text::join("/proc/self/fd/", place.directory.get(), '/', place.name);
  return sys::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size());
}

sys::Outcome<void> change_mode_at(const Place& place, std::uint32_t mode) {
  auto done = sys::fchmodat2(place.directory, place.name.c_str(), mode, AT_SYMLINK_NOFOLLOW);
  if (done || done.error().value != ENOSYS) return done;
  // Before 6.6. It would follow a symlink, but this is a device or FIFO that was just made.
  return sys::fchmodat(place.directory, place.name.c_str(), mode);
}

}  // namespace

Result<std::uint64_t> InodeMaker::file(const Place& place, const Wish& wish,
                                       const tar::Entry& entry, Source& content) {
  // Set-id bits only once the owner is right. Attributes of the user's own kind ask for write
  // permission, which the final mode may not give.
  const std::uint32_t asked = wish.attributes.empty() ? wish.mode & kPermissions : kOwnerReadWrite;
  const auto fd = NACRE_TRY_CTX(sys::openat(place.directory, place.name.c_str(),
                                            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, asked),
                                "make the file");
  const std::uint64_t hash = NACRE_TRY(write_content(fd, entry, content, buffer_, budget_));
  NACRE_TRY(fulfil(fd, wish, {birth_.mode(asked), birth_.uid, birth_.gid}));
  return hash;
}

Result<void> InodeMaker::fulfil(FdRef fd, const Wish& wish, const Present& present) {
  if (wish.uid != present.uid || wish.gid != present.gid)
    NACRE_TRY_CTX(sys::fchown(fd, wish.uid, wish.gid),
                  text::join("give it to ", wish.uid, ':', wish.gid));
  NACRE_TRY(set_attributes(fd, wish.attributes));
  // An access ACL changes the mode: its mask becomes the group's bits.
  if (wish.mode != present.mode || !wish.attributes.empty())
    NACRE_TRY_CTX(sys::fchmod(fd, wish.mode), text::join("set the mode ", text::octal(wish.mode)));
  NACRE_TRY_CTX(sys::futimens(fd, times_of(wish.mtime)), "set the times");
  return {};
}

Result<void> InodeMaker::set_attributes(FdRef fd, const Xattrs& attributes) {
  for (const auto& [name, value] : attributes) {
    const auto done = sys::setxattr_fd(fd, name.c_str(), value.data(), value.size());
    if (done) continue;
    if (done.error().value != EPERM || name != kCapability || !may_fall_short_)
      return fail(attribute_error(done.error(), name));
    left_out_.push_back(text::join(name, " (only root may set it)"));
  }
  return {};
}

Result<void> InodeMaker::symlink(const Place& place, const Wish& wish, const std::string& target) {
  NACRE_TRY_CTX(sys::symlinkat(target.c_str(), place.directory, place.name.c_str()),
                "make the symlink");
  return fulfil_by_name(place, wish, {0, birth_.uid, birth_.gid}, false);
}

Result<void> InodeMaker::special(const Place& place, const Wish& wish, std::uint32_t type,
                                 std::uint64_t device) {
  const std::uint32_t asked = wish.mode & kPermissions;
  NACRE_TRY_CTX(sys::mknodat(place.directory, place.name.c_str(), type | asked, device),
                type == S_IFIFO ? "make the FIFO" : "make the device");
  return fulfil_by_name(place, wish, {birth_.mode(asked), birth_.uid, birth_.gid}, true);
}

Result<void> InodeMaker::fulfil_by_name(const Place& place, const Wish& wish,
                                        const Present& present, bool has_mode) const {
  const char* name = place.name.c_str();
  if (wish.uid != present.uid || wish.gid != present.gid)
    NACRE_TRY_CTX(sys::fchownat(place.directory, name, wish.uid, wish.gid, AT_SYMLINK_NOFOLLOW),
                  text::join("give it to ", wish.uid, ':', wish.gid));
  for (const auto& [attribute, value] : wish.attributes) {
    const auto done = set_attribute_at(place, attribute, value);
    if (!done) return fail(attribute_error(done.error(), attribute));
  }
  if (has_mode && (wish.mode != present.mode || !wish.attributes.empty()))
    NACRE_TRY_CTX(change_mode_at(place, wish.mode),
                  text::join("set the mode ", text::octal(wish.mode)));
  NACRE_TRY_CTX(sys::utimensat(place.directory, name, times_of(wish.mtime), AT_SYMLINK_NOFOLLOW),
                "set the times");
  return {};
}

Result<Present> InodeMaker::directory(const Place& place, std::uint32_t mode) const {
  const std::uint32_t asked = (mode & kPermissions) | kOwnerAll;
  NACRE_TRY_CTX(sys::mkdirat(place.directory, place.name.c_str(), asked), "make the directory");
  return Present{birth_.mode(asked), birth_.uid, birth_.gid};
}

std::vector<std::string> InodeMaker::take_left_out() { return std::exchange(left_out_, {}); }

}  // namespace nacre::images::layers
