// The directory of container states: <root>/<id>/{state.json, start.sock, ...}.
//
// The directory is the claim on the id: mkdir makes it, and only `delete` (or a failed create)
// removes it. One process at a time changes a container: it holds a flock on the directory, which
// ends with its holder. Every path is relative to an open directory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/state/record.h"
#include "sys/fds.h"

namespace nacre::state {

// [A-Za-z0-9_+.-]+, at most 255 bytes, not "." or "..".
Result<void> check_id(std::string_view id);

// Exclusive; released by destruction or by the death of the process.
class ContainerLock {
 public:
  explicit ContainerLock(UniqueFd fd) : fd_(std::move(fd)) {}

 private:
  UniqueFd fd_;
};

class ContainerDir {
 public:
  ContainerDir(sys::DirFd parent, sys::DirFd dir, std::string id, std::string path)
      : parent_(std::move(parent)),
        dir_(std::move(dir)),
        id_(std::move(id)),
        path_(std::move(path)) {}

  [[nodiscard]] FdRef dir() const { return dir_; }
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  // Waits for the holder. kNotFound when the container was deleted meanwhile.
  [[nodiscard]] Result<ContainerLock> lock() const;
  // False when another process holds the lock right now.
  [[nodiscard]] Result<bool> lock_is_free() const;

  // kNotFound while create has not written it; kInternal when it is damaged.
  [[nodiscard]] Result<Record> load() const;
  // In one step: a reader sees the old or the new record.
  [[nodiscard]] Result<void> save(const Record& record) const;
  // Everything in the directory, then the directory. Already gone is success.
  [[nodiscard]] Result<void> remove() const;
  // For one that was just made and is empty. Needs no descriptor.
  void remove_empty() const;

 private:
  sys::DirFd parent_;
  sys::DirFd dir_;
  std::string id_;
  std::string path_;
};

class StateStore {
 public:
  // `create`: makes the root (with its parents) if it is missing; an existing one keeps its mode.
  // Otherwise a missing root is kNotFound. `root` is absolute.
  static Result<StateStore> open(const std::string& root, bool create, std::uint32_t mode = 0700);

  // kAlreadyExists when the id is taken; mode 0711, so that a container's user can reach the
  // sockets inside.
  [[nodiscard]] Result<ContainerDir> create(std::string_view id) const;
  // kNotFound when there is no such container.
  [[nodiscard]] Result<ContainerDir> find(std::string_view id) const;
  // Sorted. Entries that are not directories or no valid ids are left out.
  [[nodiscard]] Result<std::vector<std::string>> ids() const;

 private:
  StateStore(sys::DirFd root, std::string path) : root_(std::move(root)), path_(std::move(path)) {}
  [[nodiscard]] Result<ContainerDir> open_container(std::string_view id) const;

  sys::DirFd root_;
  std::string path_;
};

}  // namespace nacre::state
