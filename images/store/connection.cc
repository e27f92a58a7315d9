#include "images/store/connection.h"

#include <sqlite3.h>

#include <limits>
#include <optional>

#include "base/text.h"

namespace nacre::images {
namespace {

// How long a process waits that finds the database taken in a way our own lock does not order
// (recovery after a crash, a checkpoint). Locks die with their holders, so only one that stands
// still could hold it this long.
constexpr int kBusyMilliseconds = 60'000;

ErrorCode code_of(int result, int sys_errno) {
  switch (result & 0xff) {
    case SQLITE_FULL:
      return ErrorCode::kResourceExhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kUnavailable;
    case SQLITE_CONSTRAINT:
      return ErrorCode::kFailedPrecondition;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return ErrorCode::kPermissionDenied;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return sys_errno == 0 ? ErrorCode::kInternal : code_for(Errno{sys_errno});
    default:
      return ErrorCode::kInternal;
  }
}

// What a commit met, SQLite does not keep; its log does.
int errno_of_disk(sqlite3* database) {
  if (const int kept = sqlite3_system_errno(database); kept != 0) return kept;
  sqlite3_file* log = nullptr;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
  if (log == nullptr || log->pMethods == nullptr) return 0;
  int last = 0;
  log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &last);
  return last;
}

}  // namespace

Statement::~Statement() {
  if (raw_ != nullptr) connection_->give_back(std::move(sql_), raw_);
}

void Statement::note(int code) {
  if (code != SQLITE_OK && first_error_ == 0) first_error_ = code;
}

void Statement::bind(std::string_view text) {
  note(sqlite3_bind_text64(raw_, ++bound_, text.data() == nullptr ? "" : text.data(), text.size(),
                           SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind(BlobView blob) {
  const char* bytes = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
  note(sqlite3_bind_blob64(raw_, ++bound_, bytes, blob.bytes.size(), SQLITE_TRANSIENT));
}

void Statement::bind_integer(std::int64_t number) {
  note(sqlite3_bind_int64(raw_, ++bound_, number));
}

Result<bool> Statement::step() {
  if (first_error_ != 0) return fail(connection_->error(first_error_));
  const int code = sqlite3_step(raw_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(connection_->error(code));
}

Result<void> Statement::run() {
  while (NACRE_TRY(step())) {
  }
  return {};
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(raw_, column); }

std::string Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(raw_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(raw_, column))};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(raw, path));
  if (code != SQLITE_OK) return fail(connection->error(code));
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  // The WAL stays when the last one leaves: its space is then there on a full disk, and a short
  // command does not wait for a checkpoint at its end.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  NACRE_TRY(connection->run_script(
      "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
      "PRAGMA temp_store = MEMORY;"));
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close_v2(raw_);
}

Result<Statement> Connection::prepare(std::string_view sql) {
  if (const auto found = idle_.find(sql); found != idle_.end()) {
    sqlite3_stmt* prepared = found->second;
    idle_.erase(found);
    return Statement(*this, std::string(sql), prepared);
  }
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(raw_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return fail(error(code));
  return Statement(*this, std::string(sql), raw);
}

void Connection::give_back(std::string sql, sqlite3_stmt* raw) {
  sqlite3_reset(raw);  // repeats the error that step() has reported
  sqlite3_clear_bindings(raw);
  const auto [at, kept] = idle_.try_emplace(std::move(sql), raw);
  if (!kept) sqlite3_finalize(raw);
}

Result<void> Connection::run_script(const std::string& sql) {
  const int code = sqlite3_exec(raw_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(error(code));
  return {};
}

std::int64_t Connection::changes() const { return sqlite3_changes64(raw_); }

Result<void> Connection::set_synchronous_full(bool full) {
  if (synchronous_ == static_cast<int>(full)) return {};
  NACRE_TRY(run_script(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
  synchronous_ = static_cast<int>(full);
  return {};
}

void Connection::roll_back() noexcept {
  // SQLite has rolled back by itself after some errors (a full disk).
  if (sqlite3_get_autocommit(raw_) == 0) {
    static_cast<void>(sqlite3_exec(raw_, "ROLLBACK", nullptr, nullptr, nullptr));
  }
}

Error Connection::error(int code) const {
  if (raw_ == nullptr) {
    return {ErrorCode::kResourceExhausted, text::join("database ", path_, ": no memory")};
  }
  const int sys_errno = errno_of_disk(raw_);
  std::string message = text::join("database ", path_, ": ", sqlite3_errmsg(raw_));
  const int primary = code & 0xff;
  if (sys_errno != 0 && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)) {
    text::append(message, " (", errno_text(Errno{sys_errno}), ")");
  }
  return {code_of(code, sys_errno), std::move(message)};
}

}  // namespace nacre::images
