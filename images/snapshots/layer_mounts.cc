#include "images/snapshots/layer_mounts.h"

#include "base/text.h"
#include "sys/file.h"
#include "sys/mount.h"

namespace nacre::images {

Result<sys::MountFd> clone_layer(FdRef directory, FdRef idmap_or_none) {
  auto clone = NACRE_TRY_CTX(sys::open_tree(directory, "", OPEN_TREE_CLONE | AT_EMPTY_PATH),
                             "clone a layer");
  if (idmap_or_none.get() < 0) return clone;
  const sys::MountAttr translated{.set = MOUNT_ATTR_IDMAP, .userns_fd = idmap_or_none.get()};
  const auto done = sys::mount_setattr(clone, "", AT_EMPTY_PATH, translated);
  if (done) return clone;
  const std::string_view hint =
      done.error().value == EINVAL ? " (this file system may not be able to)" : "";
  return fail(Error::from_errno(done.error(), text::join("translate the owners of a layer", hint)));
}

Result<OwnerIds> owner_in(FdRef clone, const char* name) {
  const auto seen =
      NACRE_TRY_CTX(sys::statx(clone, name, AT_SYMLINK_NOFOLLOW), text::join("stat ", name));
  return OwnerIds{seen.stx_uid, seen.stx_gid};
}

}  // namespace nacre::images
