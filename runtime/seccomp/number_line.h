// Every possible system call number of an architecture with its verdict, as ranges.
//
// What is not in the profile:
//
//   in a gap of the profile                     the default action
//   above the newest call of the profile        -ENOSYS, if the default action refuses; else the
//   default action another architecture                        kill the thread, libseccomp's action
//   for a bad architecture x32's numbers on x86-64, x32 not listed     the same; but -1, with which
//   a tracer skips a call: default action
//
// Why -ENOSYS: glibc and others try a new call and fall back to an old one only on ENOSYS. A
// profile written before the call existed would answer EPERM and break them (runc's rule, there a
// stub before libseccomp's program; it holds for ERRNO, TRAP and KILL, while ALLOW, LOG and TRACE
// leave new calls alone). "Newest" is per architecture the largest number that any rule names,
// whatever its action. Beyond runc, names carried by socketcall(2) and ipc(2) count with their
// direct numbers: runc overlooks them and can hide an allowed call. On s390, 0 is what the kernel
// leaves as number of a call it does not know.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/seccomp/resolve.h"

namespace nacre::seccomp {

struct Range {
  std::uint32_t first = 0;                   // up to the next range, or to the largest number
  Verdict verdict = 0;                       // when there are no rules
  const std::vector<Rule>* rules = nullptr;  // borrowed from the ArchPolicy; for exactly one number
  bool is_64bit = false;                     // how `rules` compare
};

// All numbers of one AUDIT_ARCH_*: x86-64 and x32 share theirs.
struct ArchLine {
  std::uint32_t audit_arch = 0;
  bool is_big_endian = false;
  std::vector<Range> ranges;  // by rising `first`, beginning with 0; neighbours differ
};

inline constexpr Verdict kBadArch = 0;  // SECCOMP_RET_KILL_THREAD

// In the order of the policies; borrows from them.
std::vector<ArchLine> draw_lines(const std::vector<ArchPolicy>& policies, Verdict default_action);

}  // namespace nacre::seccomp
