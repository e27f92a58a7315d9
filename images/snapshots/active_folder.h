// containers/<folder>/: upper, which is the layer, and work, which overlay needs beside it as long
// as it is written to.
#pragma once

#include <string>

#include "base/result.h"
#include "images/snapshots/folders.h"
#include "sys/fds.h"

namespace nacre::images {

class ActiveFolder {
 public:
  [[nodiscard]] static Result<ActiveFolder> make(const Folder& containers, const std::string& name);
  // internal_error when it is missing: there is a record of it.
  [[nodiscard]] static Result<ActiveFolder> open(const Folder& containers, const std::string& name);

  // O_PATH.
  [[nodiscard]] Result<sys::DirFd> open_upper() const;
  // The root of the upper is what the container sees as the owner, mode and attributes of "/".
  [[nodiscard]] Result<void> take_root_from(FdRef lower) const;
  // The folder and its name; not what is in the upper.
  [[nodiscard]] Result<void> sync(const Folder& containers) const;
  [[nodiscard]] Result<void> discard_work(const Folder& containers) const;
  // What a volatile mount leaves in its work directory makes the kernel refuse the next one.
  [[nodiscard]] static Result<void> renew_volatile_work(const Folder& containers,
                                                        const sys::DirFd& folder);

  [[nodiscard]] sys::DirFd release() && { return std::move(dir_); }

 private:
  explicit ActiveFolder(sys::DirFd dir) : dir_(std::move(dir)) {}
  sys::DirFd dir_;
};

}  // namespace nacre::images
