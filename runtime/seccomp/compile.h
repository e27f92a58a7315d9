// linux.seccomp as a classic-BPF program that seccomp(2) takes.
//
//   oci::Seccomp -> Profile (words become values) -> ArchPolicy (names become numbers, rules of one
//   call get their order) -> number line (every number has a verdict) -> instructions
//
// Every arrow is pure. What the filter decides is what runc 1.5 with libseccomp decides for the
// same profile; how it decides is a balanced search over ranges of numbers, about 7 comparisons per
// call for Docker's default profile. The differences are listed in rule_order.h (libseccomp's
// faults are not repeated) and number_line.h (-ENOSYS).
//
// Thread-safe: no state. Nothing here may run between clone and execve: it allocates.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::seccomp {

struct Program {
  std::vector<sock_filter> filter;  // 1 to BPF_MAXINSNS instructions
  std::uint32_t flags = 0;          // SECCOMP_FILTER_FLAG_*, with NEW_LISTENER when needs_listener
  bool needs_listener = false;      // a rule says SCMP_ACT_NOTIFY: seccomp(2) returns a descriptor
};

// What the kernel says, gathered by the caller.
struct Facts {
  std::uint32_t native_audit_arch = 0;  // AUDIT_ARCH_* of the runtime itself
  std::uint64_t supported_flags = 0;    // SECCOMP_FILTER_FLAG_* bits that seccomp(2) accepts
};

// False for an object without default action and without rules, which runc takes for "no seccomp".
[[nodiscard]] bool is_enabled(const oci::Seccomp& spec);

// Errors are kInvalidArgument and begin with the field: `linux.seccomp.syscalls[3].action: unknown
// action "X"`; kUnsupported when the kernel or libseccomp lacks something, kResourceExhausted for a
// profile too large for BPF. Names of system calls that nobody knows are ignored, as runc does.
[[nodiscard]] Result<Program> compile(const oci::Seccomp& spec, const Facts& facts);

// The words that compile() understands, for the command `features`; sorted except flags (runc's
// order).
[[nodiscard]] std::vector<std::string> known_actions();
[[nodiscard]] std::vector<std::string> known_operators();
[[nodiscard]] std::vector<std::string> known_archs();
[[nodiscard]] std::vector<std::string> known_flags();
[[nodiscard]] std::vector<std::string> supported_flags(const Facts& facts);

[[nodiscard]] std::string libseccomp_version();  // of the library linked in: "2.5.4"

}  // namespace nacre::seccomp
