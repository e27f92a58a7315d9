// What is not an error but must not be passed over in silence either.
#pragma once

#include "oci-spec/runtime/spec.h"
#include "runtime/log/log.h"
#include "runtime/plan/host_facts.h"

namespace nacre::commands {

// Capabilities that cannot be granted are left out and logged as a warning (runtime-spec config.md,
// "capabilities"): seen with --log-level warning, because a success writes nothing else.
void note_capabilities(const log::Logger& logger, const oci::Process& process,
                       const plan::HostFacts& host, bool own_user_namespace);

}  // namespace nacre::commands
