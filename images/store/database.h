// The records: one SQLite file that several processes and threads use at once.
//
// WAL, so that readers wait for nobody. Writers queue on a flock (db.lock) before their transaction
// begins: the kernel wakes them in order and lets go when one is killed, where SQLite itself would
// poll. Inside a transaction nobody may wait for a disk, a lock or the network; what has to be
// durable is made so before it begins.
//
// Thread-safe: every transaction takes a connection of its own from a pool. Not usable in a child
// after fork: POSIX locks stay with the parent.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/scope_exit.h"
#include "images/store/connection.h"
#include "sys/fds.h"

namespace nacre::images {

// What a commit has to outlive. kProcess: a killed process only; a power cut may take the newest of
// these back, in order. For records that mean nothing after a power cut (leases, layers that have
// not been synced). A later kPowerCut commit makes all earlier ones durable.
enum class Durability : std::uint8_t { kPowerCut, kProcess };

// A transaction in progress; only handed to the body of Database::read and write.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // A statement with its values bound to ?1, ?2 ... : integers, text, BlobView.
  template <class... Values>
  [[nodiscard]] Result<Statement> query(std::string_view sql, const Values&... values) {
    return connection_.query(sql, values...);
  }
  template <class... Values>
  [[nodiscard]] Result<void> run(std::string_view sql, const Values&... values) {
    return connection_.run(sql, values...);
  }
  // Several statements without values.
  [[nodiscard]] Result<void> run_script(const std::string& sql) {
    return connection_.run_script(sql);
  }
  // Rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const { return connection_.changes(); }

 private:
  Connection& connection_;
};

// The tables of one module: step i takes them from version i to i + 1. Steps are never changed once
// released, only added.
struct SchemaPart {
  std::string name;
  std::vector<std::string> steps;  // SQL scripts
};

class Database {
 public:
  // Opens or makes `folder`/db.sqlite. `folder` is an absolute path, `dir` the same opened
  // (borrowed).
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::string& folder,
                                                              const sys::DirFd& dir);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Brings a module's tables to the newest version; a newer one than this program knows is
  // unsupported. Idempotent; any number of processes at once.
  [[nodiscard]] Result<void> install(const SchemaPart& part);

  // body: Result<T>(Transaction&). Sees one state of the database throughout.
  template <class Body>
  [[nodiscard]] auto read(Body&& body) -> std::invoke_result_t<Body, Transaction&> {
    Lent lent = NACRE_TRY(take());
    NACRE_TRY(begin_read(lent));
    return finish(lent, body);
  }

  // All of it or nothing: an error of the body rolls back.
  template <class Body>
  [[nodiscard]] auto write(Durability durability, Body&& body)
      -> std::invoke_result_t<Body, Transaction&> {
    Lent lent = NACRE_TRY(take());
    NACRE_TRY(begin_write(lent, durability));
    const ScopeExit unlock([&] { end_write(lent); });
    return finish(lent, body);
  }

  // What SQLite finds wrong with the file, one sentence each; reads all of it.
  [[nodiscard]] Result<std::vector<std::string>> verify();

 private:
  struct Seat {
    std::unique_ptr<Connection> connection;
    UniqueFd writer_lock;
  };
  // A seat of the pool, returned at the end.
  struct Lent {
    Database* owner;
    std::unique_ptr<Seat> seat;
    Lent(Database* from, std::unique_ptr<Seat> taken) : owner(from), seat(std::move(taken)) {}
    Lent(Lent&&) noexcept = default;
    Lent& operator=(Lent&&) = delete;
    ~Lent() {
      if (seat) owner->put_back(std::move(seat));
    }
  };

  Database(std::string folder, const sys::DirFd& dir) : folder_(std::move(folder)), dir_(dir) {}
  [[nodiscard]] Result<Lent> take();
  void put_back(std::unique_ptr<Seat> seat);
  [[nodiscard]] Result<void> begin_read(Lent& lent);
  [[nodiscard]] Result<void> begin_write(Lent& lent, Durability durability);
  void end_write(Lent& lent) noexcept;
  [[nodiscard]] Result<void> prepare_file();

  template <class Body>
  auto finish(Lent& lent, Body& body) -> std::invoke_result_t<Body, Transaction&> {
    Transaction transaction(*lent.seat->connection);
    auto result = body(transaction);
    if (result) {
      if (auto committed = lent.seat->connection->run("COMMIT"); !committed) {
        result = fail(std::move(committed).error());
      }
    }
    if (!result) lent.seat->connection->roll_back();
    return result;
  }

  std::string folder_;
  const sys::DirFd& dir_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Seat>> idle_;
};

}  // namespace nacre::images
