// What compile() says about single profiles: errors, flags, the calls that a profile does not name,
// the shape of the program.
#include "runtime/seccomp/compile.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/bpf_common.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>

#include "tests/support/bpf_interpreter.h"
#include "tests/unit/seccomp/judge.h"
#include "tests/unit/seccomp/reference.h"

namespace nacre::test {
namespace {

using seccomp::Facts;

constexpr Facts kFacts = {AUDIT_ARCH_X86_64, 0xff};
constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kEnosys = SECCOMP_RET_ERRNO | ENOSYS;
constexpr std::uint32_t kKill = SECCOMP_RET_KILL_THREAD;

oci::Seccomp profile(const std::string& default_action,
                     std::vector<oci::SeccompSyscall> syscalls = {}) {
  oci::Seccomp made;
  made.default_action = default_action;
  made.syscalls = std::move(syscalls);
  return made;
}

// A profile like most: refuse by default, allow these.
oci::Seccomp allow_only(std::vector<std::string> names) {
  return profile("SCMP_ACT_ERRNO", {{std::move(names), "SCMP_ACT_ALLOW"}});
}

std::string sentence(const oci::Seccomp& spec, const Facts& facts = kFacts) {
  const auto program = seccomp::compile(spec, facts);
  return program ? "no error" : program.error().message();
}

std::uint32_t verdict(const oci::Seccomp& spec, std::uint32_t number,
                      std::initializer_list<std::uint64_t> args = {},
                      std::uint32_t arch = AUDIT_ARCH_X86_64, const Facts& facts = kFacts) {
  const auto program = seccomp::compile(spec, facts);
  if (!program) throw std::runtime_error(program.error().message());
  FilterInput input;
  input.data.nr = static_cast<int>(number);
  input.data.arch = arch;
  std::ranges::copy(args, input.data.args);
  return run_filter(program->filter, input).verdict;
}

TEST(Sentences, UnknownWords) {
  EXPECT_EQ(sentence(profile("SCMP_ACT_X")),
            "linux.seccomp.defaultAction: unknown action \"SCMP_ACT_X\"");
  EXPECT_EQ(sentence(profile("")), "linux.seccomp.defaultAction: unknown action \"\"");
  oci::Seccomp spec = allow_only({"read"});
  spec.syscalls.push_back({{"write"}, "ALLOW"});
  EXPECT_EQ(sentence(spec), "linux.seccomp.syscalls[1].action: unknown action \"ALLOW\"");
  spec.syscalls[1] = {{"write"}, "SCMP_ACT_ALLOW", {}, {{0, 1, 0, "SCMP_CMP_EQ"}, {1, 1, 0, "=="}}};
  EXPECT_EQ(sentence(spec), "linux.seccomp.syscalls[1].args[1].op: unknown operator \"==\"");
  spec = allow_only({"read"});
  spec.architectures = {"SCMP_ARCH_X86", "SCMP_ARCH_VAX"};
  EXPECT_EQ(sentence(spec),
            "linux.seccomp.architectures[1]: unknown architecture \"SCMP_ARCH_VAX\"");
  spec = allow_only({"read"});
  spec.flags = {"SECCOMP_FILTER_FLAG_LOG", "FAST"};
  EXPECT_EQ(sentence(spec), "linux.seccomp.flags[1]: unknown flag \"FAST\"");
}

TEST(Sentences, Numbers) {
  oci::Seccomp spec = profile("SCMP_ACT_ALLOW", {{{"read"}, "SCMP_ACT_ERRNO", 4095}});
  EXPECT_EQ(sentence(spec), "linux.seccomp.syscalls[0].errnoRet: 4095 is out of range (0 to 4094)");
  spec.syscalls[0] = {{"read"}, "SCMP_ACT_TRACE", 65536};
  EXPECT_EQ(sentence(spec),
            "linux.seccomp.syscalls[0].errnoRet: 65536 is out of range (0 to 65535)");
  spec.syscalls[0] = {{"read"}, "SCMP_ACT_KILL", 1};
  EXPECT_EQ(sentence(spec), "linux.seccomp.syscalls[0].errnoRet: SCMP_ACT_KILL takes no errno");
  spec = profile("SCMP_ACT_ALLOW");
  spec.default_errno_ret = 1;
  EXPECT_EQ(sentence(spec), "linux.seccomp.defaultErrnoRet: SCMP_ACT_ALLOW takes no errno");
  spec = profile("SCMP_ACT_ALLOW", {{{"read"}, "SCMP_ACT_ERRNO", {}, {{6, 0, 0, "SCMP_CMP_EQ"}}}});
  EXPECT_EQ(sentence(spec),
            "linux.seccomp.syscalls[0].args[0].index: 6 is not an argument (0 to 5)");
}

TEST(Sentences, Names) {
  EXPECT_EQ(sentence(allow_only({"read", ""})),
            "linux.seccomp.syscalls[0].names[1]: the name of a system call is empty");
}

TEST(Sentences, Notify) {
  EXPECT_EQ(sentence(profile("SCMP_ACT_NOTIFY")),
            "linux.seccomp.defaultAction: SCMP_ACT_NOTIFY cannot be used as default action");
  EXPECT_EQ(sentence(profile("SCMP_ACT_ALLOW", {{{"mkdir", "write"}, "SCMP_ACT_NOTIFY"}})),
            "linux.seccomp.syscalls[0]: SCMP_ACT_NOTIFY cannot be used for the write syscall");
}

TEST(Sentences, Flags) {
  oci::Seccomp spec = allow_only({"read"});
  spec.flags = {"SECCOMP_FILTER_FLAG_LOG"};
  EXPECT_EQ(sentence(spec, {AUDIT_ARCH_X86_64, SECCOMP_FILTER_FLAG_SPEC_ALLOW}),
            "linux.seccomp.flags[0]: this kernel does not know SECCOMP_FILTER_FLAG_LOG");
  spec.flags = {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
  EXPECT_EQ(sentence(spec),
            "linux.seccomp.flags: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs a rule with "
            "SCMP_ACT_NOTIFY");
}

TEST(Sentences, Architectures) {
  oci::Seccomp spec = allow_only({"read"});
  spec.architectures = {"SCMP_ARCH_S390X"};
  EXPECT_EQ(sentence(spec),
            "linux.seccomp.architectures[0]: SCMP_ARCH_S390X has another byte order than this "
            "machine");
  EXPECT_EQ(sentence(allow_only({"read"}), {12345, 0}),
            "linux.seccomp: no facts about this machine's architecture (12345)");
}

TEST(Sentences, Contradiction) {
  const oci::SeccompArg is_five = {0, 5, 0, "SCMP_CMP_EQ"};
  const oci::Seccomp spec = profile(
      "SCMP_ACT_ALLOW",
      {{{"ioctl"}, "SCMP_ACT_ERRNO", {}, {is_five}}, {{"ioctl"}, "SCMP_ACT_KILL", {}, {is_five}}});
  EXPECT_EQ(
      sentence(spec),
      "linux.seccomp.syscalls[1]: the rule for \"ioctl\" contradicts an earlier one: no other "
      "conditions, another action");
}

TEST(Sentences, TooLarge) {
  oci::Seccomp spec = profile("SCMP_ACT_ALLOW");
  for (std::uint64_t i = 0; i < 1500; ++i) {
    spec.syscalls.push_back({{"ioctl"}, "SCMP_ACT_ERRNO", {}, {{1, i << 33, 0, "SCMP_CMP_EQ"}}});
  }
  const auto program = seccomp::compile(spec, kFacts);
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_TRUE(program.error().message().starts_with("linux.seccomp: the filter has "));
  EXPECT_TRUE(program.error().message().ends_with(" instructions, the kernel takes at most 4096"));
}

TEST(Flags, WithoutTheKeyContainersKeepSpeculation) {
  oci::Seccomp spec = allow_only({"read"});
  EXPECT_EQ(seccomp::compile(spec, kFacts)->flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
  EXPECT_EQ(seccomp::compile(spec, {AUDIT_ARCH_X86_64, 0})->flags, 0U);
  spec.flags_given = true;
  EXPECT_EQ(seccomp::compile(spec, kFacts)->flags, 0U);
}

TEST(Flags, AreTheKernels) {
  oci::Seccomp spec = profile("SCMP_ACT_ALLOW", {{{"mkdir"}, "SCMP_ACT_NOTIFY"}});
  spec.flags = seccomp::known_flags();
  const auto program = seccomp::compile(spec, kFacts);
  ASSERT_TRUE(program);
  EXPECT_TRUE(program->needs_listener);
  EXPECT_EQ(program->flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW |
                                SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV |
                                SECCOMP_FILTER_FLAG_NEW_LISTENER);
  EXPECT_EQ(verdict(spec, 83), SECCOMP_RET_USER_NOTIF);
}

TEST(Verdicts, OfEveryAction) {
  const std::vector<std::tuple<std::string, std::optional<std::uint32_t>, std::uint32_t>> actions =
      {{"SCMP_ACT_ALLOW", {}, kAllow},
       {"SCMP_ACT_ERRNO", {}, kEperm},
       {"SCMP_ACT_ERRNO", 0, SECCOMP_RET_ERRNO},
       {"SCMP_ACT_ERRNO", 4094, SECCOMP_RET_ERRNO | 4094},
       {"SCMP_ACT_KILL", {}, SECCOMP_RET_KILL_THREAD},
       {"SCMP_ACT_KILL_THREAD", {}, SECCOMP_RET_KILL_THREAD},
       {"SCMP_ACT_KILL_PROCESS", {}, SECCOMP_RET_KILL_PROCESS},
       {"SCMP_ACT_LOG", {}, SECCOMP_RET_LOG},
       {"SCMP_ACT_NOTIFY", {}, SECCOMP_RET_USER_NOTIF},
       {"SCMP_ACT_TRACE", {}, SECCOMP_RET_TRACE | EPERM},
       {"SCMP_ACT_TRACE", 65535, SECCOMP_RET_TRACE | 65535},
       {"SCMP_ACT_TRAP", {}, SECCOMP_RET_TRAP}};
  for (const auto& [action, number, expected] : actions) {
    EXPECT_EQ(verdict(profile("SCMP_ACT_ERRNO", {{{"mkdir"}, action, number}}), 83), expected)
        << action;
  }
}

TEST(Verdicts, AnArgumentThatOccursTwiceMakesAlternatives) {
  const oci::Seccomp spec =
      profile("SCMP_ACT_ERRNO", {{{"personality"},
                                  "SCMP_ACT_ALLOW",
                                  {},
                                  {{0, 0, 0, "SCMP_CMP_EQ"}, {0, 8, 0, "SCMP_CMP_EQ"}}}});
  EXPECT_EQ(verdict(spec, 135, {0}), kAllow);
  EXPECT_EQ(verdict(spec, 135, {8}), kAllow);
  EXPECT_EQ(verdict(spec, 135, {4}), kEperm);
}

TEST(Verdicts, ConditionsOfDifferentArgumentsMustAllHold) {
  const oci::Seccomp spec = profile(
      "SCMP_ACT_ERRNO",
      {{{"socket"}, "SCMP_ACT_ALLOW", {}, {{2, 9, 0, "SCMP_CMP_NE"}, {0, 16, 0, "SCMP_CMP_EQ"}}}});
  EXPECT_EQ(verdict(spec, 41, {16, 0, 8}), kAllow);
  EXPECT_EQ(verdict(spec, 41, {16, 0, 9}), kEperm);
  EXPECT_EQ(verdict(spec, 41, {17, 0, 8}), kEperm);
  EXPECT_EQ(verdict(spec, 41, {16, 0, (1ULL << 32) + 9}), kAllow);
}

// libseccomp 2.5.4 lets (10, 2) through.
TEST(Verdicts, RulesKeepTheirTailsApart) {
  const oci::Seccomp spec = profile(
      "SCMP_ACT_ERRNO",
      {{{"ioctl"}, "SCMP_ACT_ALLOW", {}, {{0, 5, 0, "SCMP_CMP_NE"}, {1, 1, 0, "SCMP_CMP_EQ"}}},
       {{"ioctl"}, "SCMP_ACT_ALLOW", {}, {{0, 10, 0, "SCMP_CMP_NE"}, {1, 2, 0, "SCMP_CMP_EQ"}}}});
  EXPECT_EQ(verdict(spec, 16, {10, 2}), kEperm);
  EXPECT_EQ(verdict(spec, 16, {10, 1}), kAllow);
  EXPECT_EQ(verdict(spec, 16, {9, 2}), kAllow);
}

// 2.5.4 compares the wrong half after the first rule and lets 0xfffffffe through.
TEST(Verdicts, EveryRuleLoadsWhatItCompares) {
  const oci::Seccomp spec = profile(
      "SCMP_ACT_ERRNO", {{{"ioctl"}, "SCMP_ACT_ALLOW", {}, {{0, 1ULL << 32, 0, "SCMP_CMP_GE"}}},
                         {{"ioctl"}, "SCMP_ACT_ALLOW", {}, {{0, 1, 0, "SCMP_CMP_LE"}}}});
  EXPECT_EQ(verdict(spec, 16, {0xfffffffe}), kEperm);
  EXPECT_EQ(verdict(spec, 16, {1}), kAllow);
  EXPECT_EQ(verdict(spec, 16, {1ULL << 32}), kAllow);
}

TEST(Verdicts, AnUnconditionalRuleBeatsConditionalOnes) {
  const oci::SeccompSyscall conditional = {
      {"ioctl"}, "SCMP_ACT_KILL", {}, {{0, 5, 0, "SCMP_CMP_EQ"}}};
  const oci::SeccompSyscall always = {{"ioctl"}, "SCMP_ACT_ERRNO"};
  EXPECT_EQ(verdict(profile("SCMP_ACT_ALLOW", {conditional, always}), 16, {5}), kEperm);
  EXPECT_EQ(verdict(profile("SCMP_ACT_ALLOW", {always, conditional}), 16, {5}), kEperm);
}

TEST(Verdicts, RulesThatSayTheDefaultAreSkipped) {
  const oci::Seccomp spec =
      profile("SCMP_ACT_ERRNO", {{{"ioctl"}, "SCMP_ACT_ERRNO", 1},
                                 {{"ioctl"}, "SCMP_ACT_ALLOW", {}, {{0, 5, 0, "SCMP_CMP_EQ"}}}});
  EXPECT_EQ(verdict(spec, 16, {5}), kAllow);
}

TEST(UnnamedCalls, NewerOnesDoNotExist) {
  const oci::Seccomp spec = allow_only({"read", "statx", "no_such_call"});
  EXPECT_EQ(verdict(spec, 332), kAllow);
  EXPECT_EQ(verdict(spec, 331), kEperm);
  EXPECT_EQ(verdict(spec, 333), kEnosys);
  EXPECT_EQ(verdict(spec, 0x3fffffff), kEnosys);
  EXPECT_EQ(verdict(spec, 0x80000000), kEnosys);
}

TEST(UnnamedCalls, ARuleThatSaysTheDefaultNamesACallToo) {
  oci::Seccomp spec = allow_only({"read"});
  spec.syscalls.push_back({{"statx"}, "SCMP_ACT_ERRNO"});
  EXPECT_EQ(verdict(spec, 332), kEperm);
  EXPECT_EQ(verdict(spec, 333), kEnosys);
}

TEST(UnnamedCalls, FollowTheDefaultWhereItDoesNotRefuse) {
  for (const char* action : {"SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"}) {
    const oci::Seccomp spec = profile(action, {{{"read"}, "SCMP_ACT_ERRNO", 5}});
    EXPECT_EQ(verdict(spec, 333), action_word(action, std::nullopt)) << action;
  }
  for (const char* action : {"SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP"}) {
    EXPECT_EQ(verdict(profile(action, {{{"write"}, "SCMP_ACT_ALLOW"}}), 333), kEnosys) << action;
  }
  EXPECT_EQ(verdict(allow_only({"no_such_call"}), 333), kEperm);
}

TEST(UnnamedCalls, CarriedOnesCountWithTheirDirectNumber) {
  oci::Seccomp spec = allow_only({"read", "socket"});
  spec.architectures = {"SCMP_ARCH_X86"};
  EXPECT_EQ(verdict(spec, 359, {}, AUDIT_ARCH_I386), kAllow);
  EXPECT_EQ(verdict(spec, 102, {1}, AUDIT_ARCH_I386), kAllow);
  EXPECT_EQ(verdict(spec, 102, {2}, AUDIT_ARCH_I386), kEperm);
  EXPECT_EQ(verdict(spec, 360, {}, AUDIT_ARCH_I386), kEnosys);
}

TEST(UnnamedCalls, ZeroOnS390) {
  const Facts s390x = {AUDIT_ARCH_S390X, 0xff};
  EXPECT_EQ(verdict(allow_only({"read"}), 0, {}, AUDIT_ARCH_S390X, s390x), kEnosys);
}

TEST(Architectures, OthersAreKilled) {
  EXPECT_EQ(verdict(allow_only({"read"}), 3, {}, AUDIT_ARCH_I386), kKill);
  EXPECT_EQ(verdict(profile("SCMP_ACT_ALLOW"), 3, {}, AUDIT_ARCH_I386), kKill);
}

TEST(Architectures, X32HasToBeListed) {
  oci::Seccomp spec = allow_only({"read", "ioctl"});
  EXPECT_EQ(verdict(spec, 0x40000000), kKill);
  EXPECT_EQ(verdict(spec, 0xfffffffe), kKill);
  EXPECT_EQ(verdict(spec, 0xffffffff), kEperm);  // a tracer's "skip this call"
  spec.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X32"};
  EXPECT_EQ(verdict(spec, 0x40000000), kAllow);
  EXPECT_EQ(verdict(spec, 0x40000000 + 514), kAllow);  // x32's own ioctl
  EXPECT_EQ(verdict(spec, 0x40000000 + 16), kEperm);
  EXPECT_EQ(verdict(spec, 0x40000000 + 515), kEnosys);
}

TEST(Shape, DockersProfileIsSmallAndQuick) {
  const auto program = seccomp::compile(load_profile("docker-shaped.json"), kFacts);
  ASSERT_TRUE(program);
  EXPECT_LT(program->filter.size(), 400U);
  unsigned most = 0;
  for (int number = 0; number < 500; ++number) {
    FilterInput input;
    input.data.nr = number;
    input.data.arch = AUDIT_ARCH_X86_64;
    most = std::max(most, run_filter(program->filter, input).steps);
  }
  EXPECT_LT(most, 35U);
}

TEST(Shape, LongJumpsWhereAByteDoesNotReach) {
  oci::Seccomp spec = profile("SCMP_ACT_ALLOW");
  for (std::uint64_t i = 0; i < 400; ++i) {
    spec.syscalls.push_back(
        {{"read", "ioctl"}, "SCMP_ACT_ERRNO", 7, {{5, i * 3, 0, "SCMP_CMP_EQ"}}});
  }
  const auto program = seccomp::compile(spec, kFacts);
  ASSERT_TRUE(program) << program.error().message();
  EXPECT_GT(program->filter.size(), 3000U);
  EXPECT_EQ(fault_of_filter(program->filter), std::nullopt);
  FilterInput input;
  input.data.arch = AUDIT_ARCH_X86_64;
  for (std::uint64_t value = 0; value < 1210; ++value) {
    const bool refused = value % 3 == 0 && value < 1200;
    input.data.args[5] = value;
    for (const int number : {0, 16}) {
      input.data.nr = number;
      ASSERT_EQ(run_filter(program->filter, input).verdict,
                refused ? SECCOMP_RET_ERRNO | 7 : kAllow)
          << value;
    }
  }
}

TEST(Words, AreSortedAndComplete) {
  for (const auto& words :
       {seccomp::known_actions(), seccomp::known_operators(), seccomp::known_archs()}) {
    EXPECT_TRUE(std::ranges::is_sorted(words));
  }
  EXPECT_EQ(seccomp::known_actions().size(), 9U);
  EXPECT_EQ(seccomp::known_operators().size(), 7U);
  EXPECT_GE(seccomp::known_archs().size(), 19U);
  EXPECT_EQ(seccomp::known_flags().size(), 4U);
  EXPECT_EQ(seccomp::supported_flags({AUDIT_ARCH_X86_64, SECCOMP_FILTER_FLAG_LOG}),
            (std::vector<std::string>{"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG"}));
}

TEST(Words, Enabled) {
  EXPECT_FALSE(seccomp::is_enabled({}));
  EXPECT_TRUE(seccomp::is_enabled(profile("SCMP_ACT_ALLOW")));
}

TEST(Words, LibseccompVersion) {
  EXPECT_EQ(std::ranges::count(seccomp::libseccomp_version(), '.'), 2);
}

}  // namespace
}  // namespace nacre::test
