// Whether a parsed configuration makes sense: every rule that needs nothing but the configuration.
//
// Pure: no files, no kernel. What depends on the host (does the path exist, is the joined network
// namespace the host's, does the kernel know the capability) is decided where the plan is made.
// Errors are invalid_argument, one sentence with the JSON path in front; where runc has a text for
// the case, the sentence ends with it:
//   config.json: linux.sysctl: sysctl "vm.swappiness" is not in a separate kernel namespace
// Rules: runtime-spec 1.3 config.md and config-linux.md; the kernel's limits are named at each.
#pragma once

#include <string_view>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::oci {

// A configuration to create a container from. A process is required, and checked as below.
[[nodiscard]] Result<void> validate(const Spec& spec);

// A process by itself, as for `exec --process`. Paths begin with "process".
[[nodiscard]] Result<void> validate_process(const Process& process);

// Limits by themselves, as for `update --resources`. Paths begin with "resources". Guards above
// all what becomes part of a file name in a cgroup, or a line in one of its files.
[[nodiscard]] Result<void> validate_resources(const Resources& resources);

// [A-Za-z0-9_+.-]+, at most 255 bytes (NAME_MAX: it names a directory), not "." nor "..".
// The message is runc's: `invalid container ID format`.
[[nodiscard]] Result<void> validate_id(std::string_view id);

}  // namespace nacre::oci
