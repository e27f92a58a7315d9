#include "images/layers/birth.h"

#include <array>

#include "base/text.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/xattr.h"

namespace nacre::images::layers {
namespace {

constexpr std::uint32_t kPrivate = 0700;
constexpr std::uint32_t kPermissions = 0777;
constexpr const char* kProbe = ".nacre-probe";

Result<void> require_empty(FdRef directory) {
  const auto names = NACRE_TRY_CTX(sys::list_directory(directory), "read the layer's directory");
  if (names.empty()) return {};
  return fail(failed_precondition(
      text::join("the layer's directory is not empty: it holds ", text::quote(names.front()))));
}

Result<void> drop_acl(FdRef directory, const char* name) {
  const auto done = sys::removexattr_fd(directory, name);
  if (!done && done.error().value != ENODATA && done.error().value != EOPNOTSUPP) {
    return fail(Error::from_errno(
        done.error(), text::join("remove the attribute ", name, " of the layer's directory")));
  }
  return {};
}

Result<Birth> probe(FdRef directory) {
  const auto file = NACRE_TRY_CTX(
      sys::openat(directory, kProbe, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, kPermissions),
      "make a file in the layer's directory");
  NACRE_TRY_CTX(sys::unlinkat(directory, kProbe), "remove a file in the layer's directory");
  const struct statx seen = NACRE_TRY_CTX(sys::fstatx(file), "look at a new file");
  return Birth{seen.stx_uid, seen.stx_gid, kPermissions & ~std::uint32_t{seen.stx_mode}};
}

}  // namespace

Result<Birth> prepare_target(const sys::DirFd& directory) {
  NACRE_TRY(require_empty(directory));
  for (const char* acl : {"system.posix_acl_default", "system.posix_acl_access"})
    NACRE_TRY(drop_acl(directory, acl));
  NACRE_TRY_CTX(sys::fchmod(directory, kPrivate), "close the layer's directory to others");
  return probe(directory);
}

}  // namespace nacre::images::layers
