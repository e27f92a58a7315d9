// Asks the kernel once for what planning needs to know.
#pragma once

#include "base/result.h"
#include "oci-spec/runtime/spec.h"
#include "runtime/plan/host_facts.h"

namespace nacre::setup {

// `process` decides what is worth asking: security modules are looked at only when a label is to be
// set.
[[nodiscard]] Result<plan::HostFacts> gather_host_facts(const oci::Process& process);

}  // namespace nacre::setup
