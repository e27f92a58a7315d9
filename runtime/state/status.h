// What a container is doing now: read from the kernel, never from a note.
#pragma once

#include "base/result.h"
#include "oci-spec/runtime/state.h"
#include "runtime/state/store.h"

namespace nacre::state {

// Present in the container's directory from create until start has been asked for.
inline constexpr const char* kStartSocket = "start.sock";

// The init process. kFailedPrecondition "container not running" when it is gone, a zombie, or when
// its number belongs to another process now. Immune to reuse of the number: the start time is
// checked after the pidfd is open.
Result<sys::PidFd> open_init(const Record& record);

// Creating while create works on it; stopped when init is gone; paused when its cgroup is frozen;
// created until start; else running. A create that was killed before init existed leaves a stopped
// container.
Result<oci::Status> current_status(const ContainerDir& container, const Record& record);

// The document of the OCI `state` operation, as hooks get it on standard input.
oci::State oci_state(const Record& record, oci::Status status);

}  // namespace nacre::state
