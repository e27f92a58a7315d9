#include "images/store/database.h"

#include <sys/file.h>

#include "base/text.h"
#include "images/store/file_lock.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

// "Ncre": so that file(1) and sqlite3 can tell whose it is, and another program's file is refused.
constexpr std::int64_t kApplicationId = 0x4e637265;
// Version of the table `modules` itself; the parts have their own in it.
constexpr std::int64_t kFormat = 1;
constexpr std::size_t kIdleConnections = 4;

Result<std::int64_t> pragma(Connection& connection, std::string_view name) {
  Statement statement = NACRE_TRY(connection.query(text::join("PRAGMA ", name)));
  if (!NACRE_TRY(statement.step())) return fail(internal_error(text::join("no ", name)));
  return statement.integer(0);
}

Result<std::int64_t> version_of(Transaction& records, const std::string& part) {
  Statement row = NACRE_TRY(records.query("SELECT version FROM modules WHERE name = ?1", part));
  if (!NACRE_TRY(row.step())) return std::int64_t{0};
  return row.integer(0);
}

Result<void> check_version(const SchemaPart& part, std::int64_t version) {
  if (version <= static_cast<std::int64_t>(part.steps.size())) return {};
  return fail(unsupported(text::join("the data root was written by a newer version: its ",
                                     part.name, " records have format ", version,
                                     ", this program knows up to ", part.steps.size())));
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& folder, const sys::DirFd& dir) {
  std::unique_ptr<Database> database(new Database(folder, dir));
  NACRE_TRY(database->prepare_file());
  return database;
}

Database::~Database() = default;

// Under the writers' lock: the change to WAL needs the file for itself and does not wait for it.
Result<void> Database::prepare_file() {
  Lent lent = NACRE_TRY(take());
  NACRE_TRY_CTX(lock_file(lent.seat->writer_lock, LOCK_EX),
                text::join("lock ", folder_, "/db.lock"));
  const ScopeExit unlock([&] { end_write(lent); });
  Connection& connection = *lent.seat->connection;
  const std::int64_t format = NACRE_TRY(pragma(connection, "user_version"));
  const std::int64_t owner = NACRE_TRY(pragma(connection, "application_id"));
  if (format == kFormat && owner == kApplicationId) return {};
  if (format > kFormat && owner == kApplicationId) {
    return fail(
        unsupported(text::join("the data root ", folder_, " was written by a newer version (",
                               format, ", this program knows ", kFormat, ")")));
  }
  if (format != 0 || owner != 0) {
    return fail(failed_precondition(text::join(folder_, "/db.sqlite is not a database of ours")));
  }
  NACRE_TRY(connection.run("PRAGMA journal_mode = WAL"));
  NACRE_TRY(connection.set_synchronous_full(true));
  auto made = connection.run_script(
      text::join("BEGIN IMMEDIATE;"
                 "CREATE TABLE modules (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;"
                 "PRAGMA application_id = ",
                 kApplicationId, ";PRAGMA user_version = ", kFormat, ";COMMIT"));
  if (!made) connection.roll_back();
  return made;
}

Result<void> Database::install(const SchemaPart& part) {
  const std::int64_t before =
      NACRE_TRY(read([&](Transaction& records) { return version_of(records, part.name); }));
  NACRE_TRY(check_version(part, before));
  if (before == static_cast<std::int64_t>(part.steps.size())) return {};
  return write(Durability::kPowerCut, [&](Transaction& records) -> Result<void> {
    const std::int64_t version = NACRE_TRY(version_of(records, part.name));
    NACRE_TRY(check_version(part, version));
    for (std::size_t step = static_cast<std::size_t>(version); step < part.steps.size(); ++step) {
      NACRE_TRY_CTX(records.run_script(part.steps[step]),
                    text::join("bring the ", part.name, " records to format ", step + 1));
    }
    return records.run(
        "INSERT INTO modules (name, version) VALUES (?1, ?2)"
        " ON CONFLICT (name) DO UPDATE SET version = excluded.version",
        part.name, part.steps.size());
  });
}

Result<std::vector<std::string>> Database::verify() {
  return read([](Transaction& records) -> Result<std::vector<std::string>> {
    std::vector<std::string> problems;
    Statement row = NACRE_TRY(records.query("PRAGMA integrity_check"));
    while (NACRE_TRY(row.step())) {
      if (row.text(0) != "ok") problems.push_back(row.text(0));
    }
    Statement orphan = NACRE_TRY(records.query("PRAGMA foreign_key_check"));
    while (NACRE_TRY(orphan.step())) {
      problems.push_back(text::join("table ", orphan.text(0), ", row ", orphan.integer(1),
                                    " refers to a missing row of ", orphan.text(2)));
    }
    return problems;
  });
}

Result<Database::Lent> Database::take() {
  {
    const std::lock_guard guard(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Seat> seat = std::move(idle_.back());
      idle_.pop_back();
      return Lent(this, std::move(seat));
    }
  }
  auto seat = std::make_unique<Seat>();
  seat->writer_lock = NACRE_TRY_CTX(sys::openat(dir_, "db.lock", O_RDWR | O_CREAT, 0600),
                                    text::join("open ", folder_, "/db.lock"));
  seat->connection = NACRE_TRY(Connection::open(folder_ + "/db.sqlite"));
  return Lent(this, std::move(seat));
}

void Database::put_back(std::unique_ptr<Seat> seat) {
  const std::lock_guard guard(mutex_);
  if (idle_.size() < kIdleConnections) idle_.push_back(std::move(seat));
}

Result<void> Database::begin_read(Lent& lent) { return lent.seat->connection->run("BEGIN"); }

Result<void> Database::begin_write(Lent& lent, Durability durability) {
  NACRE_TRY(lent.seat->connection->set_synchronous_full(durability == Durability::kPowerCut));
  NACRE_TRY_CTX(lock_file(lent.seat->writer_lock, LOCK_EX),
                text::join("lock ", folder_, "/db.lock"));
  auto begun = lent.seat->connection->run("BEGIN IMMEDIATE");
  if (!begun) end_write(lent);
  return begun;
}

void Database::end_write(Lent& lent) noexcept {
  static_cast<void>(sys::flock(lent.seat->writer_lock, LOCK_UN));  // cannot fail on our own lock
}

}  // namespace nacre::images
