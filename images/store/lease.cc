#include "images/store/lease.h"

#include "images/store/clock.h"
#include "images/store/database.h"

namespace nacre::images {

// The file comes first: a record without a held file is a lease that has ended.
Result<Lease> Lease::begin(Database& database, const sys::DirFd& folder) {
  std::string id = NACRE_TRY(random_name());
  FileLock lock = NACRE_TRY_CTX(FileLock::acquire(folder, id), "begin a lease");
  NACRE_TRY(database.write(Durability::kProcess, [&](Transaction& records) {
    return records.run("INSERT INTO leases (id, created) VALUES (?1, ?2)", id, seconds_now());
  }));
  return Lease(database, std::move(id), std::move(lock));
}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    end();
    database_ = other.database_;
    id_ = std::move(other.id_);
    lock_ = std::move(other.lock_);
  }
  return *this;
}

void Lease::end() noexcept {
  if (!lock_.held()) return;
  // Should this fail, the file below is gone nevertheless, and the next collection takes the
  // record.
  static_cast<void>(database_->write(Durability::kProcess, [&](Transaction& records) {
    return records.run("DELETE FROM leases WHERE id = ?1", id_);
  }));
  lock_.release();
}

}  // namespace nacre::images
