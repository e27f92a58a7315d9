// The architectures a filter can speak about.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace nacre::seccomp {

inline constexpr int kNoColumn = -1;
// x32 programs enter the kernel as AUDIT_ARCH_X86_64 with this bit set in the number
// (asm/unistd.h).
inline constexpr std::uint32_t kX32Bit = 0x40000000;

struct Arch {
  std::string_view name;     // OCI's word
  std::uint32_t token;       // libseccomp's SCMP_ARCH_*
  std::uint32_t audit_arch;  // what the kernel puts into seccomp_data.arch
  bool is_64bit;       // whether whole arguments are compared or their low halves; x32: low halves
  bool is_big_endian;  // decides where in seccomp_data.args the halves lie
  int column;          // of syscall_table.inc, or kNoColumn
  std::uint32_t first_number;  // added to the number of the table: kX32Bit, MIPS's 4000, 5000, 6000
  bool multiplexes;            // has socketcall(2) and ipc(2), which carry other calls
};

std::span<const Arch> all_archs();
// Null when there is none of that name or number. For AUDIT_ARCH_X86_64 it is x86-64, not x32.
const Arch* find_arch(std::string_view name);
const Arch* find_arch(std::uint32_t audit_arch);

}  // namespace nacre::seccomp
