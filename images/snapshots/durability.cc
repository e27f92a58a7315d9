#include "images/snapshots/durability.h"

#include <string>
#include <vector>

#include "base/text.h"
#include "images/snapshots/tree_walk.h"
#include "sys/sync.h"

namespace nacre::images {
namespace {

constexpr std::size_t kFew = 256;

// What has to be synced itself; the rest lives in its directory. Its descriptors stay open between
// the two passes.
struct Files {
  std::vector<UniqueFd> open;
  bool many = false;
};

Result<bool> note(Files& files, FdRef parent, const std::string& name, const struct statx& seen) {
  if (!S_ISREG(seen.stx_mode) && !S_ISDIR(seen.stx_mode)) return true;
  files.many = files.open.size() == kFew;
  if (files.many) return false;
  auto fd = sys::openat(parent, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!fd && fd.error().value == ENOENT) return true;
  if (!fd) return fail(Error::from_errno(fd.error(), text::join("open ", text::quote(name))));
  files.open.push_back(*std::move(fd));
  return true;
}

Result<Files> collect(FdRef root) {
  Files files;
  NACRE_TRY(walk_tree(root, [&](FdRef parent, const std::string& name, const struct statx& seen) {
    return note(files, parent, name, seen);
  }));
  return files;
}

// First all of them are started, then waited for: the first fsync commits the journal for the rest.
Result<void> sync_each(const std::vector<UniqueFd>& files) {
  for (const UniqueFd& fd : files) {
    // Only a head start; a directory has no pages to write.
    static_cast<void>(sys::start_writeback(fd, 0, 0));
  }
  for (const UniqueFd& fd : files) NACRE_TRY_CTX(sys::fsync(fd), "fsync");
  return {};
}

}  // namespace

Result<void> sync_tree(FdRef root) {
  const auto directory =
      NACRE_TRY_CTX(sys::openat(root, ".", O_RDONLY | O_DIRECTORY), "open the tree");
  const Files files = NACRE_TRY(collect(root));
  if (files.many) {
    NACRE_TRY_CTX(sys::syncfs(directory), "sync the file system");
    return {};
  }
  NACRE_TRY(sync_each(files.open));
  NACRE_TRY_CTX(sys::fsync(directory), "fsync the tree's root");
  return {};
}

}  // namespace nacre::images
