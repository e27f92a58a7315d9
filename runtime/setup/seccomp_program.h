// linux.seccomp compiled for this machine, in the form that plans carry and the state directory
// keeps for exec.
#pragma once

#include <optional>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"
#include "runtime/plan/make_plan.h"
#include "sys/fds.h"

namespace nacre::setup {

// No filter when the spec has none.
[[nodiscard]] Result<plan::SeccompProgram> compile_seccomp(const std::optional<oci::Seccomp>& spec);

// The file seccomp.bpf of a container's state directory: flags and listener mark, then the
// instructions.
[[nodiscard]] Result<void> save_seccomp(FdRef state_directory, const plan::SeccompProgram& program);
[[nodiscard]] Result<plan::SeccompProgram> load_seccomp(FdRef state_directory);

}  // namespace nacre::setup
