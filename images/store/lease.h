// Keeps what is made under it alive until a root does.
#pragma once

#include <string>

#include "base/result.h"
#include "images/store/file_lock.h"
#include "sys/fds.h"

namespace nacre::images {

class Database;

// Ends with the object or with the process: a flock on leases/<id> says that its owner lives, so
// that what a killed process had begun is collected and nothing has to be waited out. Movable, not
// copyable; must not outlive the store it came from. Several threads may use one lease.
class Lease {
 public:
  // `folder` is leases/, borrowed.
  [[nodiscard]] static Result<Lease> begin(Database& database, const sys::DirFd& folder);
  Lease(Lease&&) noexcept = default;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease() { end(); }

  [[nodiscard]] const std::string& id() const { return id_; }

 private:
  Lease(Database& database, std::string id, FileLock lock)
      : database_(&database), id_(std::move(id)), lock_(std::move(lock)) {}
  void end() noexcept;

  Database* database_;
  std::string id_;
  FileLock lock_;
};

}  // namespace nacre::images
