// The filter against libseccomp's for the same profile: the same verdict for every call, except where the text says so.
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <seccomp.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "runtime/seccomp/compile.h"
#include "tests/support/bpf_interpreter.h"
#include "tests/unit/seccomp/profiles.h"
#include "tests/unit/seccomp/reference.h"

namespace nacre::test {
namespace {

struct Machine {
  const char* name;
  std::uint32_t token;       // SCMP_ARCH_*
  std::uint32_t audit_arch;  // AUDIT_ARCH_*
  bool is_64bit;
  bool is_big_endian;
  std::uint32_t first_number;
};

constexpr Machine kX86_64 = {"x86-64", SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, true, false, 0};
constexpr Machine kX86 = {"x86", SCMP_ARCH_X86, AUDIT_ARCH_I386, false, false, 0};
constexpr Machine kX32 = {"x32", SCMP_ARCH_X32, AUDIT_ARCH_X86_64, false, false, 0x40000000};
constexpr Machine kAarch64 = {"aarch64", SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, true, false, 0};
constexpr Machine kArm = {"arm", SCMP_ARCH_ARM, AUDIT_ARCH_ARM, false, false, 0};
constexpr Machine kRiscv64 = {"riscv64", SCMP_ARCH_RISCV64, AUDIT_ARCH_RISCV64, true, false, 0};
constexpr Machine kPpc64le = {"ppc64le", SCMP_ARCH_PPC64LE, AUDIT_ARCH_PPC64LE, true, false, 0};
constexpr Machine kMipsel = {"mipsel", SCMP_ARCH_MIPSEL, AUDIT_ARCH_MIPSEL, false, false, 4000};
constexpr Machine kMipsel64 = {"mipsel64", SCMP_ARCH_MIPSEL64, AUDIT_ARCH_MIPSEL64, true, false,
                               5000};
constexpr Machine kS390x = {"s390x", SCMP_ARCH_S390X, AUDIT_ARCH_S390X, true, true, 0};
constexpr Machine kS390 = {"s390", SCMP_ARCH_S390, AUDIT_ARCH_S390, false, true, 0};
constexpr Machine kMips = {"mips", SCMP_ARCH_MIPS, AUDIT_ARCH_MIPS, false, true, 4000};

struct Family {
  Machine native;
  std::vector<Machine> others;
  std::vector<std::string> archs;
};

const std::vector<Family>& families() {
  static const std::vector<Family> all = {
      {kX86_64, {kX86, kX32}, {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}},
      {kX86_64, {kAarch64, kArm, kX32}, {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"}},
      {kAarch64, {kArm, kX32, kX86_64}, {"SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_X32"}},
      {kPpc64le, {kRiscv64, kMipsel, kMipsel64},
       {"SCMP_ARCH_RISCV64", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64"}},
      {kS390x, {kS390, kMips}, {"SCMP_ARCH_S390", "SCMP_ARCH_MIPS"}},
  };
  return all;
}

seccomp::Facts facts_of(const Machine& native) { return {native.audit_arch, 0xff}; }

std::string describe(const oci::Seccomp& profile) {
  std::string text = "default " + profile.default_action + "\n";
  for (const oci::SeccompSyscall& rule : profile.syscalls) {
    text += rule.action + "/" + std::to_string(rule.errno_ret.value_or(1)) + ":";
    for (const std::string& name : rule.names) text += " " + name;
    for (const oci::SeccompArg& arg : rule.args) {
      text += " [" + std::to_string(arg.index) + " " + arg.op.substr(9) + " " +
              std::to_string(arg.value) + " " + std::to_string(arg.value_two) + "]";
    }
    text += "\n";
  }
  return text;
}

bool adds_enosys(const oci::Seccomp& profile) {
  return profile.default_action != "SCMP_ACT_ALLOW" && profile.default_action != "SCMP_ACT_LOG" &&
         profile.default_action != "SCMP_ACT_TRACE";
}

// The documented deviation, computed from libseccomp's own names: what is above every call the profile names.
class EnosysRule {
 public:
  EnosysRule(const oci::Seccomp& profile, const Machine& machine) : machine_(machine) {
    if (!adds_enosys(profile)) return;
    std::set<std::string> named;
    for (const oci::SeccompSyscall& rule : profile.syscalls) {
      named.insert(rule.names.begin(), rule.names.end());
    }
    for (std::uint32_t number = machine.first_number; number < machine.first_number + 600;
         ++number) {
      if (named.contains(name_of(number))) newest_ = number;
    }
    for (const std::string& name : named) {  // ARM's private calls, and carriers of what has no number
      const int rewritten = seccomp_syscall_resolve_name_rewrite(machine.token, name.c_str());
      if (rewritten > 0) newest_ = std::max(newest_, static_cast<std::uint32_t>(rewritten));
    }
  }
  bool covers(std::uint32_t number) const {
    if (newest_ == 0) return false;
    const bool s390 = machine_.token == SCMP_ARCH_S390 || machine_.token == SCMP_ARCH_S390X;
    return number > newest_ || (s390 && number == 0);
  }

 private:
  std::string name_of(std::uint32_t number) const {
    char* name = seccomp_syscall_resolve_num_arch(machine_.token, static_cast<int>(number));
    std::string text = name == nullptr ? "" : name;
    free(name);
    return text;
  }

  Machine machine_;
  std::uint32_t newest_ = 0;
};

class Comparer {
 public:
  Comparer(const oci::Seccomp& profile, const Machine& native, std::vector<sock_filter> ours,
           std::vector<sock_filter> theirs)
      : profile_(profile),
        native_(native),
        ours_(std::move(ours)),
        theirs_(std::move(theirs)) {}

  // Every number from `first` on, with all arguments zero.
  void compare_numbers(const Machine& machine, std::uint32_t first, std::uint32_t count) {
    const EnosysRule enosys(profile_, machine);
    for (std::uint32_t i = 0; i < count; ++i) compare(machine, enosys, first + i, {});
  }

  void compare_arguments(const Machine& machine, Random& random, int tries) {
    const EnosysRule enosys(profile_, machine);
    for (const std::string& name : conditional_calls()) {
      const int number = seccomp_syscall_resolve_name_arch(machine.token, name.c_str());
      const int carrier = seccomp_syscall_resolve_name_rewrite(machine.token, name.c_str());
      for (int i = 0; i < tries; ++i) {
        seccomp_data data{};
        for (auto& argument : data.args) argument = interesting_value(random);
        if (number >= 0) compare(machine, enosys, static_cast<std::uint32_t>(number), data);
        if (carrier >= 0 && number < 0) {
          data.args[0] = random() % 26;
          compare(machine, enosys, static_cast<std::uint32_t>(carrier), data);
        }
      }
    }
  }

  int differences() const { return differences_; }
  int compared() const { return compared_; }
  const std::string& first_difference() const { return first_difference_; }

 private:
  void compare(const Machine& machine, const EnosysRule& enosys, std::uint32_t number,
               seccomp_data data) {
    data.nr = static_cast<int>(number);
    data.arch = machine.audit_arch;
    const FilterInput input{data, native_.is_big_endian};
    const std::uint32_t mine = run_filter(ours_, input).verdict;
    const bool bad_arch = run_filter(theirs_, input).verdict == SECCOMP_RET_KILL_THREAD &&
                          !listed(machine);
    const std::uint32_t expected = enosys.covers(number) && !bad_arch
                                       ? SECCOMP_RET_ERRNO | ENOSYS
                                       : run_filter(theirs_, input).verdict;
    ++compared_;
    if (mine == expected) return;
    if (differences_++ > 0) return;
    char text[400];
    std::snprintf(text, sizeof text,
                  "%s nr %u args %llx %llx %llx %llx %llx %llx: ours %08x, libseccomp's %08x\n",
                  machine.name, number, data.args[0], data.args[1], data.args[2], data.args[3],
                  data.args[4], data.args[5], mine, expected);
    first_difference_ = text + describe(profile_);
  }

  bool listed(const Machine& machine) const {
    if (machine.token == native_.token) return true;
    return std::ranges::any_of(profile_.architectures, [&](const std::string& word) {
      return arch_token(word) == machine.token;
    });
  }

  const oci::Seccomp& profile_;
  Machine native_;
  std::vector<sock_filter> ours_;
  std::vector<sock_filter> theirs_;
  int differences_ = 0;
  int compared_ = 0;
  std::string first_difference_;
};


TEST(Probe, Classes) {
  for (int mode = 0; mode < 8; ++mode) {
    int profiles = 0, wrong = 0, refused = 0, shown = 0, both = 0;
    long compared = 0;
    for (const Family& family : families()) {
      for (int seed = 0; seed < 600; ++seed) {
        Random random(static_cast<std::uint64_t>(seed * 8 + mode));
        ProfileShape shape;
        shape.archs = family.archs;
        shape.one_verdict_per_call = mode <= 3;
        shape.only_equality = mode == 0 || mode == 4;
        shape.one_rule_per_call = mode == 1 || mode == 5;
        shape.one_condition = mode == 2 || mode == 6;
        if (mode == 7) continue;
        if (mode > 3) shape.archs.clear();
        const oci::Seccomp profile = random_profile(random, shape);
        const auto ours = seccomp::compile(profile, facts_of(family.native));
        ++profiles;
        if (mode <= 3) {
          if (!ours) { ++refused; std::printf("%s\n", ours.error().message().c_str()); continue; }
          std::vector<Machine> all = family.others;
          all.push_back(family.native);
          for (const Machine& m : all) {
            if (m.token != family.native.token && std::ranges::none_of(profile.architectures, [&](auto& w) { return arch_token(w) == m.token; })) continue;
            const EnosysRule enosys(profile, m);
            auto check = [&](std::uint32_t number, seccomp_data data) {
              data.nr = static_cast<int>(number);
              data.arch = m.audit_arch;
              std::uint32_t mine = run_filter(ours->filter, {data, family.native.is_big_endian}).verdict;
              std::uint32_t plain = enosys.covers(number) ? SECCOMP_RET_ERRNO | ENOSYS : plain_verdict(profile, m.token, m.is_64bit, data);
              ++compared;
              if (mine != plain) { ++wrong; if (shown++ < 3) std::printf("PLAIN mode %d %s nr %u (%llx %llx %llx %llx): %x plain %x\n%s\n", mode, m.name, number, data.args[0], data.args[1], data.args[2], data.args[3], mine, plain, describe(profile).c_str()); }
            };
            for (std::uint32_t i = 0; i < 600; i += 7) check(m.first_number + i, {});
            for (const std::string& name : conditional_calls()) {
              int n = seccomp_syscall_resolve_name_arch(m.token, name.c_str());
              if (n < 0) n = seccomp_syscall_resolve_name_rewrite(m.token, name.c_str());
              if (n < 0) continue;
              for (int i = 0; i < 40; ++i) {
                seccomp_data data{};
                for (auto& argument : data.args) argument = interesting_value(random);
                if (random() % 4 == 0) data.args[0] = random() % 26;
                check(static_cast<std::uint32_t>(n), data);
              }
            }
          }
          continue;
        }
        const auto theirs = libseccomp_filter(profile, family.native.token, 2);
        if (!ours || theirs.error) {
          if (!ours && theirs.error) { ++both; continue; }
          ++refused;
          if (shown++ < 2)
            std::printf("refused: ours %s theirs %d\n%s\n", ours ? "ok" : ours.error().message().c_str(),
                        theirs.error, describe(profile).c_str());
          continue;
        }
        Comparer comparer(profile, family.native, ours->filter, theirs.filter);
          comparer.compare_numbers(family.native, family.native.first_number, 600);
          comparer.compare_arguments(family.native, random, 60);
        compared += comparer.compared();
        if (comparer.differences()) {
          ++wrong;
          if (shown++ < 4) std::printf("seed %d %s\n", seed, comparer.first_difference().c_str());
        }
      }
    }
    std::printf("mode %d profiles %d wrong %d refused-differently %d both-refuse %d compared %ld\n", mode, profiles, wrong, refused, both, compared);
  }
}

}  // namespace
}  // namespace nacre::test
