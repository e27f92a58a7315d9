// One SQLite connection and its statements; images/store/database.h is what is meant to be used.
//
// A connection belongs to one thread at a time. Errors carry SQLite's own text and a code: kFull
// disks are kResourceExhausted, a busy database kUnavailable, a violated constraint
// kFailedPrecondition, the rest kInternal.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace nacre::images {

class Connection;

// Bytes that are not text: path names may hold anything but NUL.
struct BlobView {
  std::string_view bytes;
};

// A prepared statement with its values bound. Goes back to its connection when it ends; must not
// outlive the transaction it was made in.
class Statement {
 public:
  Statement(Connection& connection, std::string sql, sqlite3_stmt* raw)
      : connection_(&connection), sql_(std::move(sql)), raw_(raw) {}
  Statement(Statement&& other) noexcept
      : connection_(other.connection_),
        sql_(std::move(other.sql_)),
        raw_(std::exchange(other.raw_, nullptr)),
        bound_(other.bound_),
        first_error_(other.first_error_) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // The next free parameter. A failure (no memory, too many) is reported by step().
  void bind(std::string_view text);
  void bind(BlobView bytes);
  template <std::integral T>
  void bind(T number) {
    bind_integer(static_cast<std::int64_t>(number));
  }

  // true: a row is there to be read.
  [[nodiscard]] Result<bool> step();
  // Steps to the end; what rows say is of no interest.
  [[nodiscard]] Result<void> run();

  // Columns of the current row, from 0.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;  // of text and of blobs; "" for NULL

 private:
  void bind_integer(std::int64_t number);
  void note(int code);

  Connection* connection_;
  std::string sql_;
  sqlite3_stmt* raw_;
  int bound_ = 0;
  int first_error_ = 0;
};

class Connection {
 public:
  // Creates the file when it is missing. `path` is absolute.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::string& path);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  [[nodiscard]] Result<Statement> prepare(std::string_view sql);
  template <class... Values>
  [[nodiscard]] Result<Statement> query(std::string_view sql, const Values&... values) {
    Result<Statement> statement = prepare(sql);
    if (statement) (statement->bind(values), ...);
    return statement;
  }
  template <class... Values>
  [[nodiscard]] Result<void> run(std::string_view sql, const Values&... values) {
    Statement statement = NACRE_TRY(query(sql, values...));
    return statement.run();
  }
  // Several statements without parameters, separated by semicolons.
  [[nodiscard]] Result<void> run_script(const std::string& sql);

  // Rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;
  // Whether a COMMIT waits for the disk. Not inside a transaction.
  [[nodiscard]] Result<void> set_synchronous_full(bool full);
  // Ends an open transaction without its changes; nothing when there is none.
  void roll_back() noexcept;

 private:
  friend class Statement;
  Connection(sqlite3* raw, std::string path) : raw_(raw), path_(std::move(path)) {}
  [[nodiscard]] Error error(int code) const;
  void give_back(std::string sql, sqlite3_stmt* raw);

  sqlite3* raw_;
  std::string path_;
  std::map<std::string, sqlite3_stmt*, std::less<>> idle_;  // prepared before, in no use now
  int synchronous_ = -1;
};

}  // namespace nacre::images
