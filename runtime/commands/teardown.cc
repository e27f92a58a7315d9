#include "runtime/commands/teardown.h"

#include <signal.h>

#include "base/text.h"
#include "cgroups/cgroup.h"
#include "runtime/hooks/hooks.h"
#include "runtime/state/container_cgroup.h"
#include "runtime/state/status.h"
#include "sys/process.h"

namespace nacre::commands {
namespace {

// Bounded, because two things can keep a killed process from ending: a file system that does not
// answer (state D), and, for pid 1 of a pid namespace, a member of it that nobody reaps.
Result<void> wait_for_end(FdRef process, int pid) {
  pollfd event{process.get(), POLLIN, 0};
  for (;;) {
    const auto ready = sys::poll(&event, 1, cgroups::kPatience);
    if (ready && *ready > 0) return {};
    if (ready) {
      return fail(
          Error(ErrorCode::kUnavailable,
                text::join("container init still running: process ", pid, " has not ended within ",
                           cgroups::kPatience / 1000, " s of SIGKILL")));
    }
    if (ready.error().value != EINTR) {
      return fail(Error::from_errno(ready.error(), "wait for the end of init"));
    }
  }
}

Result<void> end_init(const state::Record& record) {
  const auto init = state::open_init(record);
  if (!init) return {};
  const auto sent = sys::pidfd_send_signal(*init, SIGKILL);
  if (!sent && sent.error().value != ESRCH) {
    return fail(Error::from_errno(sent.error(), "kill init"));
  }
  return wait_for_end(*init, record.pid);
}

Result<void> remove_cgroup(const state::Record& record) {
  const auto own = NACRE_TRY(state::open_cgroup(record));
  if (!own) return {};
  return own->cgroup.remove();
}

// After everything else is gone (spec: runtime.md, lifecycle step 12), so that a hook that hangs
// keeps no id in use.
void run_poststop(const state::Record& record, const log::Logger& logger) {
  if (record.hooks.poststop.empty()) return;
  const hooks::HookContext context{
      "poststop", oci::to_json(state::oci_state(record, oci::Status::kStopped)), record.bundle};
  for (const Error& failure : hooks::run_every_hook(context, record.hooks.poststop)) {
    logger.warn(failure.message());
  }
}

}  // namespace

Result<void> kill_and_wait(const state::Record& record) {
  const auto own = NACRE_TRY(state::open_cgroup(record));
  if (own) NACRE_TRY(own->cgroup.kill());
  // Also after the cgroup's kill: init may have been moved elsewhere, and the end is to be waited
  // for.
  return end_init(record);
}

Result<void> tear_down(const state::ContainerDir& container, const state::Record& record,
                       const log::Logger& logger) {
  NACRE_TRY(kill_and_wait(record));
  NACRE_TRY_CTX(remove_cgroup(record), "unable to remove container's cgroup");
  NACRE_TRY_CTX(container.remove(), "unable to remove container state dir");
  run_poststop(record, logger);
  return {};
}

}  // namespace nacre::commands
