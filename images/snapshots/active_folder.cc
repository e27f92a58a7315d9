#include "images/snapshots/active_folder.h"

#include "base/text.h"
#include "images/snapshots/inode_copy.h"
#include "images/snapshots/tree_walk.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

constexpr const char* kUpper = "upper";
constexpr const char* kWork = "work";
constexpr std::uint32_t kRootMode = 0755;  // of a root that stands on nothing

Result<sys::DirFd> open_in(FdRef parent, const std::string& name, int flags) {
  auto dir = sys::openat<sys::DirFd>(parent, name.c_str(), flags | O_DIRECTORY | O_NOFOLLOW);
  if (dir) return *std::move(dir);
  const std::string context = text::join("open folder ", name);
  if (dir.error().value != ENOENT) return fail(Error::from_errno(dir.error(), context));
  return fail(internal_error(text::join(context, ", of which there is a record: it is missing")));
}

}  // namespace

Result<ActiveFolder> ActiveFolder::make(const Folder& containers, const std::string& name) {
  NACRE_TRY_CTX(sys::mkdirat(containers.dir(), name.c_str(), 0700),
                text::join("make folder ", name));
  auto folder = NACRE_TRY(open(containers, name));
  for (const char* part : {kUpper, kWork}) {
    NACRE_TRY_CTX(sys::mkdirat(folder.dir_, part, 0700), text::join("make folder ", part));
  }
  // Not by mkdir, whose mode the umask cuts.
  NACRE_TRY_CTX(sys::fchmodat(folder.dir_, kUpper, kRootMode), "set the mode of the root");
  return folder;
}

Result<ActiveFolder> ActiveFolder::open(const Folder& containers, const std::string& name) {
  return ActiveFolder(NACRE_TRY(open_in(containers.dir(), name, O_RDONLY)));
}

Result<sys::DirFd> ActiveFolder::open_upper() const { return open_in(dir_, kUpper, O_PATH); }

Result<void> ActiveFolder::take_root_from(FdRef lower) const {
  const auto from = NACRE_TRY_CTX(open_below(lower, ""), "open the root of the layer below");
  const auto to = NACRE_TRY(open_in(dir_, kUpper, O_RDONLY));
  NACRE_TRY_CTX(copy_directory_attributes(from, to), "copy what the root directory is like");
  return {};
}

Result<void> ActiveFolder::sync(const Folder& containers) const {
  const auto upper = NACRE_TRY(open_in(dir_, kUpper, O_RDONLY));
  NACRE_TRY_CTX(sys::fsync(upper), "sync the upper");
  NACRE_TRY_CTX(sys::fsync(dir_), "sync the folder");
  NACRE_TRY_CTX(sys::fsync(containers.dir()), "sync containers");
  return {};
}

Result<void> ActiveFolder::discard_work(const Folder& containers) const {
  return containers.discard_in(dir_, kWork);
}

Result<void> ActiveFolder::renew_volatile_work(const Folder& containers, const sys::DirFd& folder) {
  const auto marked = sys::statx(folder, "work/work/incompat/volatile", AT_SYMLINK_NOFOLLOW);
  if (!marked && marked.error().value == ENOENT) {
    // Killed between the two steps below.
    const auto made = sys::mkdirat(folder, kWork, 0700);
    if (made || made.error().value == EEXIST) return {};
    return fail(Error::from_errno(made.error(), "make the work directory"));
  }
  if (!marked) return fail(Error::from_errno(marked.error(), "look at the work directory"));
  NACRE_TRY(containers.discard_in(folder, kWork));
  NACRE_TRY_CTX(sys::mkdirat(folder, kWork, 0700), "make the work directory");
  return {};
}

}  // namespace nacre::images
