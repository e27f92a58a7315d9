// A lock that is a file: whoever holds the flock on it owns what its name stands for.
//
// Dies with its holder. The file is removed by the holder as its last act, so a name that is there
// is held or was left behind by a killed process; both are told apart by trying.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::images {

// flock(2), going on after signals. EWOULDBLOCK with LOCK_NB when somebody else has it.
[[nodiscard]] sys::Outcome<void> lock_file(FdRef file, int operation);

class FileLock {
 public:
  // Waits until it is free. `folder` is borrowed and must outlive the lock. A thread that asks for
  // what it holds itself waits for ever.
  [[nodiscard]] static Result<FileLock> acquire(const sys::DirFd& folder, const std::string& name);
  // Nothing when somebody else holds it.
  [[nodiscard]] static Result<std::optional<FileLock>> try_acquire(const sys::DirFd& folder,
                                                                   const std::string& name);
  FileLock(FileLock&& other) noexcept
      : folder_(other.folder_), name_(std::move(other.name_)), file_(std::move(other.file_)) {}
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock() { release(); }
  void release() noexcept;
  [[nodiscard]] bool held() const { return static_cast<bool>(file_); }

 private:
  FileLock(const sys::DirFd& folder, std::string name, UniqueFd file)
      : folder_(&folder), name_(std::move(name)), file_(std::move(file)) {}

  const sys::DirFd* folder_;
  std::string name_;
  UniqueFd file_;
};

// Removes the files of `folder` that nobody holds.
[[nodiscard]] Result<void> remove_unheld_locks(const sys::DirFd& folder);

}  // namespace nacre::images
