// Asks the filter under test and an oracle about the same calls.
#pragma once

#include <linux/seccomp.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/seccomp/compile.h"
#include "tests/unit/seccomp/machines.h"
#include "tests/unit/seccomp/profiles.h"

namespace nacre::test {

// The documented deviation from libseccomp, computed with libseccomp's own names: numbers above
// every call that the profile names get -ENOSYS when the default action refuses.
class EnosysRule {
 public:
  EnosysRule(const oci::Seccomp& profile, const Machine& machine);
  bool covers(std::uint32_t number) const;

 private:
  std::uint32_t newest_ = 0;
  bool is_s390_ = false;
};

// Every test compares what these yield.
struct Call {
  Machine machine;
  seccomp_data data{};
};
void append_numbers(std::vector<Call>& calls, const Machine& machine, std::uint32_t count);
void append_conditional_calls(std::vector<Call>& calls, const Machine& machine, Random& random,
                              int tries);
// Those of the machines that the profile lists, and the native one.
std::vector<Machine> listed(const oci::Seccomp& profile, const Family& family);

seccomp::Facts facts_of(const Machine& native);
std::string describe(const oci::Seccomp& profile);
std::string describe(const Call& call);

}  // namespace nacre::test
