#include "images/snapshots/folders.h"

#include <sys/file.h>

#include "base/text.h"
#include "images/store/file_lock.h"
#include "images/store/trash.h"
#include "sys/file.h"

namespace nacre::images {

Result<Folder> Folder::open(const sys::DirFd& root, const std::string& name) {
  const auto made = sys::mkdirat(root, name.c_str(), 0700);
  if (!made && made.error().value != EEXIST) {
    return fail(Error::from_errno(made.error(), text::join("make folder ", name)));
  }
  if (made) NACRE_TRY_CTX(sys::fsync(root), "sync the data root");
  const auto open = [&](const char* folder) {
    return sys::openat<sys::DirFd>(root, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  };
  auto dir = NACRE_TRY_CTX(open(name.c_str()), text::join("open folder ", name));
  Layout trash;
  trash.trash = NACRE_TRY_CTX(open("trash"), "open folder trash");
  return Folder(name, std::move(dir), std::move(trash));
}

// A flock belongs to an open file: every holder needs one of its own.
Result<UniqueFd> Folder::open_lock() const {
  return NACRE_TRY_CTX(sys::openat(dir_, ".", O_RDONLY | O_DIRECTORY),
                       text::join("open folder ", name_));
}

Result<UniqueFd> Folder::begin_making() const {
  auto lock = NACRE_TRY(open_lock());
  NACRE_TRY_CTX(lock_file(lock, LOCK_SH), text::join("lock folder ", name_));
  return lock;
}

Result<UniqueFd> Folder::try_alone() const {
  auto lock = NACRE_TRY(open_lock());
  const auto held = lock_file(lock, LOCK_EX | LOCK_NB);
  if (held) return lock;
  if (held.error().value == EWOULDBLOCK) return UniqueFd();
  return fail(Error::from_errno(held.error(), text::join("lock folder ", name_)));
}

Result<void> Folder::discard(const std::string& name) const { return discard_in(dir_, name); }

Result<void> Folder::discard_in(const sys::DirFd& directory, const std::string& name) const {
  static_cast<void>(NACRE_TRY(images::discard(trash_, directory, name)));
  return {};
}

Result<std::uint64_t> Folder::discard_others(const std::set<std::string>& recorded) const {
  std::uint64_t discarded = 0;
  for (const std::string& name : NACRE_TRY(list_folder(dir_))) {
    if (recorded.contains(name)) continue;
    NACRE_TRY(discard(name));
    ++discarded;
  }
  return discarded;
}

}  // namespace nacre::images
