#include "runtime/seccomp/arch.h"

#include <linux/audit.h>
#include <seccomp.h>

#include <algorithm>
#include <array>

namespace nacre::seccomp {
namespace {

// x86-64 stands before x32, which shares its audit_arch.
constexpr std::array kArchs = {
    // name, token, audit_arch, 64 bit, big endian, column, first number, multiplexes
    Arch{"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, true, false, 0, 0, false},
    Arch{"SCMP_ARCH_X86", SCMP_ARCH_X86, AUDIT_ARCH_I386, false, false, 1, 0, true},
    Arch{"SCMP_ARCH_X32", SCMP_ARCH_X32, AUDIT_ARCH_X86_64, false, false, 2, kX32Bit, false},
    Arch{"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, true, false, 3, 0, false},
    Arch{"SCMP_ARCH_ARM", SCMP_ARCH_ARM, AUDIT_ARCH_ARM, false, false, 4, 0, false},
    Arch{"SCMP_ARCH_MIPS", SCMP_ARCH_MIPS, AUDIT_ARCH_MIPS, false, true, kNoColumn, 4000, true},
    Arch{"SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64, AUDIT_ARCH_MIPS64, true, true, kNoColumn, 5000,
         false},
    Arch{"SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32, AUDIT_ARCH_MIPS64N32, false, true, kNoColumn,
         6000, false},
    Arch{"SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL, AUDIT_ARCH_MIPSEL, false, false, kNoColumn, 4000,
         true},
    Arch{"SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64, AUDIT_ARCH_MIPSEL64, true, false, kNoColumn,
         5000, false},
    Arch{"SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32, AUDIT_ARCH_MIPSEL64N32, false, false,
         kNoColumn, 6000, false},
    Arch{"SCMP_ARCH_PARISC", SCMP_ARCH_PARISC, AUDIT_ARCH_PARISC, false, true, kNoColumn, 0, false},
    Arch{"SCMP_ARCH_PARISC64", SCMP_ARCH_PARISC64, AUDIT_ARCH_PARISC64, true, true, kNoColumn, 0,
         false},
    Arch{"SCMP_ARCH_PPC", SCMP_ARCH_PPC, AUDIT_ARCH_PPC, false, true, kNoColumn, 0, true},
    Arch{"SCMP_ARCH_PPC64", SCMP_ARCH_PPC64, AUDIT_ARCH_PPC64, true, true, kNoColumn, 0, true},
    Arch{"SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE, AUDIT_ARCH_PPC64LE, true, false, kNoColumn, 0,
         true},
    Arch{"SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64, AUDIT_ARCH_RISCV64, true, false, kNoColumn, 0,
         false},
    Arch{"SCMP_ARCH_S390", SCMP_ARCH_S390, AUDIT_ARCH_S390, false, true, kNoColumn, 0, true},
    Arch{"SCMP_ARCH_S390X", SCMP_ARCH_S390X, AUDIT_ARCH_S390X, true, true, kNoColumn, 0, true},
#ifdef SCMP_ARCH_LOONGARCH64  // libseccomp 2.6
    Arch{"SCMP_ARCH_LOONGARCH64", SCMP_ARCH_LOONGARCH64, AUDIT_ARCH_LOONGARCH64, true, false,
         kNoColumn, 0, false},
#endif
};

}  // namespace

std::span<const Arch> all_archs() { return kArchs; }

const Arch* find_arch(std::string_view name) {
  const auto* found = std::ranges::find(kArchs, name, &Arch::name);
  return found == kArchs.end() ? nullptr : found;
}

const Arch* find_arch(std::uint32_t audit_arch) {
  const auto* found = std::ranges::find(kArchs, audit_arch, &Arch::audit_arch);
  return found == kArchs.end() ? nullptr : found;
}

}  // namespace nacre::seccomp
