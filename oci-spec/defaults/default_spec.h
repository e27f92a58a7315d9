// The configuration that `nacre-runtime spec` writes: a shell on a terminal, read-only root, every
// namespace but user and time, three capabilities. The same content as runc's, for its users.
#pragma once

#include "oci-spec/runtime/spec.h"

namespace nacre::oci {

[[nodiscard]] Spec default_spec();

// The same for a user without root: a user namespace that maps root to these ids, the host's
// network, /sys bound from the host (a network namespace of one's own is what permits a new sysfs),
// no limits, and no mount options that name a user or group the namespace does not have.
[[nodiscard]] Spec default_rootless_spec(std::uint32_t host_uid, std::uint32_t host_gid);

}  // namespace nacre::oci
