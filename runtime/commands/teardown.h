// Ending a container for good: what `delete`, and `run` when its process has ended, have in common.
#pragma once

#include "base/result.h"
#include "runtime/log/log.h"
#include "runtime/state/store.h"

namespace nacre::commands {

// Kills whatever still runs, waits for it, removes the cgroup, runs the poststop hooks, removes the
// state directory. Idempotent: a part that is gone already is no error, and a half-made container
// is removed too. The caller holds the container's lock. Hooks that fail are warned about, not
// fatal (spec: runtime.md, lifecycle step 13).
Result<void> tear_down(const state::ContainerDir& container, const state::Record& record,
                       const log::Logger& logger);

// SIGKILL to everything in the container and a wait for init's end, without sleeping.
Result<void> kill_and_wait(const state::Record& record);

}  // namespace nacre::commands
