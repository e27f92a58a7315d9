// Machines whose filters are compared: each with the architectures that a profile may add there.
#pragma once

#include <linux/audit.h>
#include <seccomp.h>

#include <cstdint>
#include <string>
#include <vector>

namespace nacre::test {

struct Machine {
  const char* oci_word;
  std::uint32_t token;       // SCMP_ARCH_*
  std::uint32_t audit_arch;  // AUDIT_ARCH_*
  bool is_64bit;
  bool is_big_endian;
  std::uint32_t first_number;
};

inline constexpr Machine kX86_64 = {
    "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, true, false, 0};
inline constexpr Machine kX86 = {"SCMP_ARCH_X86", SCMP_ARCH_X86, AUDIT_ARCH_I386, false, false, 0};
inline constexpr Machine kX32 = {"SCMP_ARCH_X32", SCMP_ARCH_X32, AUDIT_ARCH_X86_64,
                                 false,           false,         0x40000000};
inline constexpr Machine kAarch64 = {
    "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, true, false, 0};
inline constexpr Machine kArm = {"SCMP_ARCH_ARM", SCMP_ARCH_ARM, AUDIT_ARCH_ARM, false, false, 0};
inline constexpr Machine kRiscv64 = {
    "SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64, AUDIT_ARCH_RISCV64, true, false, 0};
inline constexpr Machine kPpc64le = {
    "SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE, AUDIT_ARCH_PPC64LE, true, false, 0};
inline constexpr Machine kMipsel = {
    "SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL, AUDIT_ARCH_MIPSEL, false, false, 4000};
inline constexpr Machine kMipsel64 = {
    "SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64, AUDIT_ARCH_MIPSEL64, true, false, 5000};
inline constexpr Machine kMipsel64n32 = {
    "SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32, AUDIT_ARCH_MIPSEL64N32, false, false, 6000};
inline constexpr Machine kS390x = {
    "SCMP_ARCH_S390X", SCMP_ARCH_S390X, AUDIT_ARCH_S390X, true, true, 0};
inline constexpr Machine kS390 = {
    "SCMP_ARCH_S390", SCMP_ARCH_S390, AUDIT_ARCH_S390, false, true, 0};
inline constexpr Machine kMips = {
    "SCMP_ARCH_MIPS", SCMP_ARCH_MIPS, AUDIT_ARCH_MIPS, false, true, 4000};
inline constexpr Machine kPpc = {"SCMP_ARCH_PPC", SCMP_ARCH_PPC, AUDIT_ARCH_PPC, false, true, 0};

struct Family {
  Machine native;
  std::vector<Machine> others;

  std::vector<std::string> archs() const {
    std::vector<std::string> words = {native.oci_word};
    for (const Machine& machine : others) words.emplace_back(machine.oci_word);
    return words;
  }
};

inline const std::vector<Family>& families() {
  static const std::vector<Family> all = {
      {kX86_64, {kX86, kX32}},        {kX86_64, {kAarch64, kArm, kX32}},
      {kAarch64, {kArm, kX32}},       {kPpc64le, {kRiscv64, kMipsel, kMipsel64, kMipsel64n32}},
      {kS390x, {kS390, kMips, kPpc}},
  };
  return all;
}

}  // namespace nacre::test
