#include "base/text.h"
#include "oci-spec/runtime/enums.h"
#include "runtime/commands/commands.h"
#include "runtime/commands/containers.h"
#include "runtime/commands/teardown.h"
#include "runtime/state/status.h"

namespace nacre::commands {
namespace {

bool is_missing(const Error& error) { return error.code() == ErrorCode::kNotFound; }

// We hold the lock, so nobody is at work on it any more: its create was killed.
bool is_half_made(const state::Record& record) { return record.pid == 0 || record.creating; }

Result<void> check_deletable(const state::ContainerDir& dir, const state::Record& record) {
  if (is_half_made(record)) return {};
  const oci::Status status = NACRE_TRY(state::current_status(dir, record));
  if (status == oci::Status::kStopped || status == oci::Status::kCreated) return {};
  return fail(failed_precondition(text::join("cannot delete container ", record.id,
                                             " that is not stopped: ", oci::to_text(status))));
}

// A directory without a readable record names no process and no cgroup; all that is left is itself.
Result<void> remove_unreadable(const state::ContainerDir& dir, Error reason, bool force,
                               const log::Logger& logger) {
  if (!is_missing(reason) && !force) return fail(std::move(reason));
  if (!is_missing(reason)) logger.warn(reason.message());
  NACRE_TRY(dir.remove());
  if (force) return {};
  return fail(std::move(reason));
}

Result<void> delete_container(const state::ContainerDir& dir, bool force,
                              const log::Logger& logger) {
  if (force) {
    // Before the lock: a create or start that waits for this very process lets go of it then.
    const auto record = dir.load();
    if (record) NACRE_TRY(kill_and_wait(*record));
  }
  const state::ContainerLock lock = NACRE_TRY(dir.lock());
  const auto record = dir.load();
  if (!record) return remove_unreadable(dir, record.error(), force, logger);
  if (!force) NACRE_TRY(check_deletable(dir, *record));
  return tear_down(dir, *record, logger);
}

}  // namespace

Result<int> run_delete(const GlobalOptions& options, const Arguments& arguments) {
  const bool force = arguments.has("force");
  const auto dir = find_container(options, arguments.positionals()[0]);
  const auto deleted =
      dir ? delete_container(*dir, force, *options.logger) : Result<void>(fail(dir.error()));
  if (!deleted && !(force && is_missing(deleted.error()))) return fail(deleted.error());
  return 0;
}

}  // namespace nacre::commands
