// The other side of SCMP_ACT_NOTIFY: who gets the listener, and what it is told (runtime-spec
// config-linux.md, "The Container Process State").
#pragma once

#include "base/result.h"
#include "oci-spec/runtime/state.h"
#include "runtime/setup/opened_plan.h"
#include "runtime/state/record.h"

namespace nacre::setup {

// Connected to linux.seccomp.listenerPath.
[[nodiscard]] Result<UniqueFd> connect_seccomp_agent(const state::Record& record);

// Puts the message where init will find it. `pid`: of the process that loads the filter.
[[nodiscard]] Result<void> write_seccomp_message(const OpenedPlan& opened,
                                                 const state::Record& record,
                                                 const oci::State& container, int pid);

}  // namespace nacre::setup
