#include "images/store/file_lock.h"

#include <sys/file.h>

#include "base/text.h"
#include "images/store/layout.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

// `how` is 0 or LOCK_NB; an empty descriptor: somebody else has it. A file that was unlinked while
// we waited stands for nothing any more: the next one to come makes a new one, so we do too.
Result<UniqueFd> lock_named(const sys::DirFd& folder, const std::string& name, int how) {
  for (;;) {
    UniqueFd file =
        NACRE_TRY_CTX(sys::openat(folder, name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, 0600),
                      text::join("open lock ", name));
    const auto locked = lock_file(file, LOCK_EX | how);
    if (!locked && locked.error().value == EWOULDBLOCK) return UniqueFd();
    if (!locked) return fail(Error::from_errno(locked.error(), text::join("lock ", name)));
    const auto now = NACRE_TRY_CTX(sys::fstatx(file, STATX_NLINK), text::join("stat lock ", name));
    if (now.stx_nlink > 0) return file;
  }
}

}  // namespace

sys::Outcome<void> lock_file(FdRef file, int operation) {
  for (;;) {
    const auto done = sys::flock(file, operation);
    if (done || done.error().value != EINTR) return done;
  }
}

Result<FileLock> FileLock::acquire(const sys::DirFd& folder, const std::string& name) {
  UniqueFd file = NACRE_TRY(lock_named(folder, name, 0));
  return FileLock(folder, name, std::move(file));
}

Result<std::optional<FileLock>> FileLock::try_acquire(const sys::DirFd& folder,
                                                      const std::string& name) {
  UniqueFd file = NACRE_TRY(lock_named(folder, name, LOCK_NB));
  if (!file) return std::optional<FileLock>();
  return std::optional(FileLock(folder, name, std::move(file)));
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this != &other) {
    release();
    folder_ = other.folder_;
    name_ = std::move(other.name_);
    file_ = std::move(other.file_);
  }
  return *this;
}

void FileLock::release() noexcept {
  if (!file_) return;
  // A name that stays is taken over by the next one to want it, or swept.
  static_cast<void>(sys::unlinkat(*folder_, name_.c_str()));
  file_.reset();
}

Result<void> remove_unheld_locks(const sys::DirFd& folder) {
  for (const std::string& name : NACRE_TRY(list_folder(folder))) {
    // What comes back is released, and with that removed, at once.
    NACRE_TRY(FileLock::try_acquire(folder, name));
  }
  return {};
}

}  // namespace nacre::images
