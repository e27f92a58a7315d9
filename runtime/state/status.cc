#include "runtime/state/status.h"

#include "runtime/state/container_cgroup.h"
#include "runtime/state/process_stat.h"
#include "sys/file.h"
#include "sys/process.h"

namespace nacre::state {
namespace {

Error not_running() { return failed_precondition("container not running"); }

bool is_dead(const ProcessStat& stat) { return stat.state == 'Z' || stat.state == 'X'; }

Result<bool> is_frozen(const Record& record) {
  const auto own = NACRE_TRY(open_cgroup(record));
  if (!own) return false;
  return own->cgroup.frozen();
}

bool waits_for_start(const ContainerDir& container) {
  return sys::statx(container.dir(), kStartSocket, AT_SYMLINK_NOFOLLOW, STATX_TYPE).has_value();
}

}  // namespace

Result<sys::PidFd> open_init(const Record& record) {
  if (record.pid == 0) return fail(not_running());
  auto process = sys::pidfd_open(record.pid);
  if (!process && process.error().value == ESRCH) return fail(not_running());
  if (!process) return fail(Error::from_errno(process.error(), "open init"));
  // In this order: a process that took the number over can only be younger, and its start time
  // gives it away after we hold whichever of the two it is.
  const auto stat = read_stat(record.pid);
  if (!stat && stat.error().code() != ErrorCode::kNotFound) return fail(stat.error());
  if (!stat || stat->start_time != record.start_time || is_dead(*stat)) return fail(not_running());
  return *std::move(process);
}

Result<oci::Status> current_status(const ContainerDir& container, const Record& record) {
  const auto init = open_init(record);
  if (!init && init.error().code() != ErrorCode::kFailedPrecondition) return fail(init.error());
  if (!init) {
    const bool creator_at_work = record.pid == 0 && !NACRE_TRY(container.lock_is_free());
    return creator_at_work ? oci::Status::kCreating : oci::Status::kStopped;
  }
  if (record.creating) return oci::Status::kCreating;
  if (NACRE_TRY(is_frozen(record))) return oci::Status::kPaused;
  return waits_for_start(container) ? oci::Status::kCreated : oci::Status::kRunning;
}

oci::State oci_state(const Record& record, oci::Status status) {
  return {.oci_version = record.oci_version,
          .id = record.id,
          .status = status,
          .pid = status == oci::Status::kStopped ? 0 : record.pid,
          .bundle = record.bundle,
          .annotations = record.annotations};
}

}  // namespace nacre::state
