// linux.seccomp with its words turned into values. Architectures are not applied yet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/seccomp/arch.h"
#include "runtime/seccomp/compile.h"
#include "runtime/seccomp/vocabulary.h"

namespace nacre::seccomp {

// One comparison of one argument, reduced to four tests and their negations.
struct Condition {
  enum class Test : std::uint8_t { kEqual, kMaskedEqual, kGreater, kGreaterEqual };

  std::uint8_t arg = 0;  // 0 to 5
  Test test = Test::kEqual;
  bool negated = false;  // NE, LE, LT
  std::uint64_t mask = ~std::uint64_t{0};
  std::uint64_t value = 0;
  bool operator==(const Condition&) const = default;
};

using Conjunction = std::vector<Condition>;  // all must hold; by rising argument, one per argument

struct ProfileRule {
  const std::vector<std::string>* names = nullptr;  // of the spec, which outlives the profile
  std::size_t index = 0;                            // in linux.seccomp.syscalls, for messages
  Verdict verdict = 0;
  // The rule holds when any of these does. One empty conjunction: always.
  std::vector<Conjunction> alternatives;
};

struct Profile {
  Verdict default_action = 0;
  std::vector<const Arch*> archs;  // the native one first; no duplicates
  std::uint32_t flags = 0;         // as in Program
  bool notifies = false;
  // Without those whose verdict is the default action: they change nothing. `skipped` has them.
  std::vector<ProfileRule> rules;
  std::vector<ProfileRule> skipped;
};

[[nodiscard]] Result<Profile> parse_profile(const oci::Seccomp& spec, const Facts& facts);

}  // namespace nacre::seccomp
