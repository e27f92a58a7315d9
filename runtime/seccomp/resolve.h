// A profile applied to its architectures: numbers instead of names, one policy per number.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "runtime/seccomp/profile.h"
#include "runtime/seccomp/rule_order.h"

namespace nacre::seccomp {

struct SyscallPolicy {
  std::uint32_t number = 0;
  Verdict verdict = 0;      // when `rules` is empty
  std::vector<Rule> rules;  // the first that holds decides; else the profile's default action
};

struct ArchPolicy {
  const Arch* arch = nullptr;
  std::vector<SyscallPolicy> syscalls;  // by rising number, each once
  std::uint32_t newest = 0;  // the largest number that the profile names, 0 when it names none
};

// One policy per architecture of the profile, in its order. An error is a contradiction between
// rules.
[[nodiscard]] Result<std::vector<ArchPolicy>> resolve(const Profile& profile);

}  // namespace nacre::seccomp
