// Profiles to try: from a file, or made up from a seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "oci-spec/runtime/spec.h"

namespace nacre::test {

using Random = std::mt19937_64;

// An OCI linux.seccomp object under tests/data/seccomp.
oci::Seccomp load_profile(const std::string& file);

struct ProfileShape {
  std::vector<std::string> archs;  // each listed or not at random
  bool conditions = true;
  bool one_verdict_per_call = false;  // rules for the same call never differ in their verdict
  bool only_equality = false;         // conditions are EQ or MASKED_EQ
  bool one_rule_per_call = false;     // one conjunction of conditions per call
};

oci::Seccomp random_profile(Random& random, const ProfileShape& shape);

// An argument near the values that the conditions of the profile speak about.
std::uint64_t interesting_value(Random& random);

// The calls that random profiles put conditions on.
const std::vector<std::string>& conditional_calls();

}  // namespace nacre::test
