// The table of system calls against the linked libseccomp.
#include "runtime/seccomp/syscall_numbers.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <seccomp.h>

#include <cstdlib>
#include <map>
#include <ostream>
#include <set>

namespace nacre::seccomp {

// For the messages of parametrised tests.
void PrintTo(const Arch& arch, std::ostream* out);

namespace {

std::string libseccomps_name(const Arch& arch, int number) {
  char* name = seccomp_syscall_resolve_num_arch(arch.token, number);
  std::string text = name == nullptr ? "" : name;
  std::free(name);
  return text;
}

std::map<std::string, std::uint32_t> libseccomps_numbers(const Arch& arch) {
  std::map<std::string, std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < 700; ++i) {
    const std::uint32_t number = arch.first_number + i;
    const std::string name = libseccomps_name(arch, static_cast<int>(number));
    if (!name.empty()) numbers[name] = number;
  }
  return numbers;
}

class EveryArch : public testing::TestWithParam<Arch> {};

TEST_P(EveryArch, NumbersWhatLibseccompNumbers) {
  const Arch& arch = GetParam();
  const auto numbers = libseccomps_numbers(arch);
  ASSERT_GT(numbers.size(), 300U);
  for (const auto& [name, number] : numbers) {
    EXPECT_EQ(numbers_on(arch, look_up(name)).direct, number) << name;
  }
}

// The other way round: no call that libseccomp knows not to exist there.
TEST_P(EveryArch, HasNoOtherCalls) {
  const Arch& arch = GetParam();
  const auto numbers = libseccomps_numbers(arch);
  std::set<std::string> all_names;
  for (const Arch& other : all_archs()) {
    for (const auto& [name, number] : libseccomps_numbers(other)) all_names.insert(name);
  }
  for (const std::string& name : all_names) {
    const auto direct = numbers_on(arch, look_up(name)).direct;
    const bool is_private = arch.name == "SCMP_ARCH_ARM" && direct.value_or(0) > 0xf0000;
    if (numbers.contains(name) || is_private) continue;
    EXPECT_EQ(direct, std::nullopt) << name;
  }
}

TEST_P(EveryArch, KnowsWhatIsCarried) {
  const Arch& arch = GetParam();
  for (int pseudo = -224; pseudo < -100; ++pseudo) {
    const std::string name = libseccomps_name(arch, pseudo);
    if (name.empty()) continue;
    const int carrier = seccomp_syscall_resolve_name_rewrite(arch.token, name.c_str());
    const SyscallNumbers numbers = numbers_on(arch, look_up(name));
    ASSERT_EQ(numbers.carried.has_value(), arch.multiplexes && carrier > 0) << name;
    if (!numbers.carried) continue;
    EXPECT_EQ(numbers.carried->number, static_cast<std::uint32_t>(carrier)) << name;
    EXPECT_EQ(numbers.carried->call, static_cast<std::uint32_t>(-pseudo % 100)) << name;
  }
}

std::string arch_name(const testing::TestParamInfo<Arch>& info) {
  return std::string(info.param.name.substr(std::string_view("SCMP_ARCH_").size()));
}

INSTANTIATE_TEST_SUITE_P(SyscallNumbers, EveryArch,
                         testing::ValuesIn(all_archs().begin(), all_archs().end()), arch_name);

TEST(SyscallNumbers, YoungerThanLibseccomp) {
  const Arch& x86_64 = *find_arch(AUDIT_ARCH_X86_64);
  EXPECT_EQ(numbers_on(x86_64, look_up("listns")).direct, 470U);
  EXPECT_EQ(numbers_on(*find_arch("SCMP_ARCH_X32"), look_up("listns")).direct, kX32Bit + 470U);
  EXPECT_EQ(numbers_on(*find_arch("SCMP_ARCH_MIPS64"), look_up("listns")).direct, 5470U);
  EXPECT_EQ(numbers_on(*find_arch("SCMP_ARCH_RISCV64"), look_up("listns")).direct, 470U);
}

TEST(SyscallNumbers, NobodyKnows) {
  for (const Arch& arch : all_archs()) {
    const SyscallNumbers numbers = numbers_on(arch, look_up("no_such_call"));
    EXPECT_EQ(numbers.direct, std::nullopt);
    EXPECT_FALSE(numbers.carried);
  }
}

TEST(SyscallNumbers, PrivateCallsOfArm) {
  EXPECT_EQ(numbers_on(*find_arch("SCMP_ARCH_ARM"), look_up("set_tls")).direct, 0xf0005U);
}

}  // namespace

void PrintTo(const Arch& arch, std::ostream* out) { *out << arch.name; }

}  // namespace nacre::seccomp
