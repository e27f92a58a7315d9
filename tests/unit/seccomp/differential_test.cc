// The filter against two oracles, over random profiles: a plain reading of the profile, which knows
// no order and so judges profiles without rules that disagree; and libseccomp, for the kinds of
// profiles that it gets right itself (rule_order.h says where 2.5.4 does not: with several ranges
// for one call, and with conditions on two architectures of different widths). libseccomp builds
// its tree of numbers as runc asks it to for large profiles: without, it forgets to load the number
// when the first call does not exist on the architecture.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "tests/support/bpf_interpreter.h"
#include "tests/unit/seccomp/judge.h"
#include "tests/unit/seccomp/reference.h"

namespace nacre::test {
namespace {

constexpr std::uint64_t kProfilesPerFamily = 16;
constexpr unsigned kTree = 2;  // SCMP_FLTATR_CTL_OPTIMIZE
constexpr std::uint32_t kNoSuchCall = SECCOMP_RET_ERRNO | ENOSYS;

std::uint32_t ask(const std::vector<sock_filter>& filter, const Call& call) {
  return run_filter(filter, {call.data, call.machine.is_big_endian}).verdict;
}

std::vector<Call> calls_for(const std::vector<Machine>& machines, Random& random) {
  std::vector<Call> calls;
  for (const Machine& machine : machines) {
    append_numbers(calls, machine, 601);
    append_conditional_calls(calls, machine, random, 30);
  }
  return calls;
}

void compare_with_plain_reading(ProfileShape shape) {
  shape.one_verdict_per_call = true;
  for (const Family& family : families()) {
    shape.archs = family.archs();
    for (std::uint64_t seed = 0; seed < kProfilesPerFamily; ++seed) {
      Random random(seed);
      const oci::Seccomp profile = random_profile(random, shape);
      const auto program = seccomp::compile(profile, facts_of(family.native));
      ASSERT_TRUE(program) << program.error().message() << "\n" << describe(profile);
      ASSERT_EQ(fault_of_filter(program->filter), std::nullopt);
      for (const Machine& machine : listed(profile, family)) {
        const EnosysRule enosys(profile, machine);
        for (const Call& call : calls_for({machine}, random)) {
          const std::uint32_t expected =
              enosys.covers(static_cast<std::uint32_t>(call.data.nr))
                  ? kNoSuchCall
                  : plain_verdict(profile, machine.token, machine.is_64bit, call.data);
          ASSERT_EQ(ask(program->filter, call), expected)
              << "seed " << seed << " " << describe(call) << "\n"
              << describe(profile);
        }
      }
    }
  }
}

// `machines`: whose calls are made. Those that the profile does not list get the action for a bad
// architecture.
void compare_with_libseccomp(const oci::Seccomp& profile, const Machine& native,
                             const std::vector<Machine>& machines, Random& random) {
  const auto program = seccomp::compile(profile, facts_of(native));
  const LibseccompFilter theirs = libseccomp_filter(profile, native.token, kTree);
  ASSERT_EQ(program.has_value(), theirs.error == 0) << theirs.error << "\n" << describe(profile);
  if (!program) return;  // both refuse a contradiction
  ASSERT_EQ(fault_of_filter(program->filter), std::nullopt);
  const std::vector<Machine> known = listed(profile, {native, machines});
  for (const Machine& machine : machines) {
    const bool is_listed = std::ranges::any_of(
        known, [&](const Machine& other) { return other.token == machine.token; });
    const EnosysRule enosys(profile, machine);
    for (const Call& call : calls_for({machine}, random)) {
      const bool deviates = is_listed && enosys.covers(static_cast<std::uint32_t>(call.data.nr));
      ASSERT_EQ(ask(program->filter, call), deviates ? kNoSuchCall : ask(theirs.filter, call))
          << describe(call) << "\n"
          << describe(profile);
    }
  }
}

void compare_native_with_libseccomp(const ProfileShape& shape) {
  for (const Family& family : families()) {
    for (std::uint64_t seed = 0; seed < kProfilesPerFamily; ++seed) {
      Random random(seed);
      const oci::Seccomp profile = random_profile(random, shape);
      if (profile.syscalls.empty()) continue;  // libseccomp's tree cannot be empty
      compare_with_libseccomp(profile, family.native, {family.native}, random);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(PlainReading, AnyConditions) { compare_with_plain_reading({}); }
TEST(PlainReading, Equality) { compare_with_plain_reading({.only_equality = true}); }
TEST(PlainReading, OneRulePerCall) { compare_with_plain_reading({.one_rule_per_call = true}); }

TEST(Libseccomp, EqualityWithVerdictsThatDiffer) {
  compare_native_with_libseccomp({.only_equality = true});
}

TEST(Libseccomp, AnyConditionsOnceForACall) {
  compare_native_with_libseccomp({.one_rule_per_call = true});
}

TEST(Libseccomp, EveryArchitectureWithoutConditions) {
  for (const Family& family : families()) {
    std::vector<Machine> machines = family.others;
    machines.push_back(family.native);
    for (std::uint64_t seed = 0; seed < kProfilesPerFamily; ++seed) {
      Random random(seed);
      const oci::Seccomp profile =
          random_profile(random, {.archs = family.archs(), .conditions = false});
      if (profile.syscalls.empty()) continue;
      compare_with_libseccomp(profile, family.native, machines, random);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Libseccomp, DockerShapedProfile) {
  Random random(1);
  oci::Seccomp profile = load_profile("docker-shaped.json");
  // Not known to libseccomp 2.5.4; named by themselves they would also move the newest call.
  std::erase_if(profile.syscalls.front().names, [](const std::string& name) {
    return seccomp_syscall_resolve_name(name.c_str()) == __NR_SCMP_ERROR;
  });
  compare_with_libseccomp(profile, kX86_64, {kX86_64, kX86, kX32, kAarch64}, random);
}

constexpr std::array kOperators = {"SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_MASKED_EQ",
                                   "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_GE",
                                   "SCMP_CMP_GT"};

// Two rules of one condition each for ioctl, with different verdicts.
oci::Seccomp two_rules(const oci::SeccompArg& first, const oci::SeccompArg& second) {
  oci::Seccomp profile;
  profile.default_action = "SCMP_ACT_ALLOW";
  profile.syscalls = {{{"ioctl"}, "SCMP_ACT_ERRNO", 1, {first}},
                      {{"ioctl"}, "SCMP_ACT_ERRNO", 2, {second}}};
  return profile;
}

void compare_ioctls(const oci::Seccomp& profile, std::initializer_list<std::uint64_t> values) {
  const auto program = seccomp::compile(profile, facts_of(kX86_64));
  const LibseccompFilter theirs = libseccomp_filter(profile, kX86_64.token, kTree);
  ASSERT_EQ(program.has_value(), theirs.error == 0) << theirs.error << "\n" << describe(profile);
  if (!program) return;
  for (const std::uint64_t first : values) {
    for (const std::uint64_t second : values) {
      const Call call{kX86_64, {SCMP_SYS(ioctl), kX86_64.audit_arch, 0, {first, second}}};
      ASSERT_EQ(ask(program->filter, call), ask(theirs.filter, call)) << describe(call) << "\n"
                                                                      << describe(profile);
    }
  }
}

TEST(Libseccomp, PairsOfRulesThatDiffer) {
  for (const std::string first : kOperators) {
    for (const std::string second : kOperators) {
      for (const std::uint32_t index : {0U, 1U}) {
        for (const std::uint64_t a : {0UL, 5UL, 6UL}) {
          for (const std::uint64_t b : {0UL, 5UL, 6UL}) {
            const oci::Seccomp profile = two_rules({0, a, a, first}, {index, b, b, second});
            // Two NE of one argument: libseccomp lets the upper half decide by the order of
            // listing.
            const bool two_ne = first == "SCMP_CMP_NE" && second == first && index == 0;
            if (two_ne) {
              compare_ioctls(profile, {0, 1, 4, 5, 6, 7});
            } else {
              compare_ioctls(profile, {0, 4, 5, 6, 7, 1ULL << 32, (1ULL << 32) + 5});
            }
            if (HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace nacre::test
