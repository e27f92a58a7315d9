// Folders of the data root whose content the records decide about: containers/ and fixups/.
//
// A name in there without a record is garbage, except while somebody is making it: makers hold the
// folder shared from before the name appears until its record is written, and who removes garbage
// holds it alone or not at all.
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "images/store/layout.h"
#include "sys/fds.h"

namespace nacre::images {

class Folder {
 public:
  // Makes it, with mode 0700, unless it is there. `root` is the data root, borrowed.
  [[nodiscard]] static Result<Folder> open(const sys::DirFd& root, const std::string& name);

  [[nodiscard]] const sys::DirFd& dir() const { return dir_; }

  // Held as long as the descriptor is open.
  [[nodiscard]] Result<UniqueFd> begin_making() const;

  // The name is gone when it returns; no error when it never was.
  [[nodiscard]] Result<void> discard(const std::string& name) const;
  // The same of what lies in one of the folder's directories.
  [[nodiscard]] Result<void> discard_in(const sys::DirFd& directory, const std::string& name) const;
  // Moves every name that `is_recorded` does not know into the trash and says how many; none when
  // somebody is making something.
  template <class IsRecorded>  // Result<std::set<std::string>>(): the names with a record
  [[nodiscard]] Result<std::uint64_t> discard_garbage(IsRecorded recorded) const {
    const auto alone = NACRE_TRY(try_alone());
    if (!alone) return 0;
    // Read after the lock: whoever made something before has its record by now.
    return discard_others(NACRE_TRY(recorded()));
  }

 private:
  Folder(std::string name, sys::DirFd dir, Layout trash)
      : name_(std::move(name)), dir_(std::move(dir)), trash_(std::move(trash)) {}
  [[nodiscard]] Result<UniqueFd> open_lock() const;
  [[nodiscard]] Result<UniqueFd> try_alone() const;  // empty: somebody is making something
  [[nodiscard]] Result<std::uint64_t> discard_others(const std::set<std::string>& recorded) const;

  std::string name_;
  sys::DirFd dir_;
  Layout trash_;  // only what the trash needs of it
};

}  // namespace nacre::images
