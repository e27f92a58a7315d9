#include "runtime/seccomp/number_line.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>
#include <span>

namespace nacre::seccomp {
namespace {

constexpr Verdict kNoSuchCall = SECCOMP_RET_ERRNO | ENOSYS;
constexpr std::uint64_t kEnd = std::uint64_t{1} << 32;

bool refuses(Verdict verdict) {
  const Verdict action = verdict & SECCOMP_RET_ACTION_FULL;
  return action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG && action != SECCOMP_RET_TRACE;
}

// Ranges are put down from left to right.
class Pencil {
 public:
  explicit Pencil(std::size_t expected) { ranges_.reserve(expected); }

  void fill(std::uint64_t end, Verdict verdict) {
    if (end <= next_) return;
    const bool continues =
        !ranges_.empty() && ranges_.back().rules == nullptr && ranges_.back().verdict == verdict;
    if (!continues) ranges_.push_back({static_cast<std::uint32_t>(next_), verdict});
    next_ = end;
  }
  void put(const SyscallPolicy& syscall, bool is_64bit) {
    if (syscall.number < next_) return;  // decided already
    if (syscall.rules.empty()) return fill(syscall.number + std::uint64_t{1}, syscall.verdict);
    ranges_.push_back({syscall.number, 0, &syscall.rules, is_64bit});
    next_ = syscall.number + std::uint64_t{1};
  }
  std::vector<Range> take() { return std::move(ranges_); }

 private:
  std::uint64_t next_ = 0;
  std::vector<Range> ranges_;
};

Verdict beyond_newest(const ArchPolicy& policy, Verdict default_action) {
  return refuses(default_action) && policy.newest != 0 ? kNoSuchCall : default_action;
}

void draw_policy(Pencil& pencil, const ArchPolicy& policy, std::uint64_t end,
                 Verdict default_action) {
  for (const SyscallPolicy& syscall : policy.syscalls) {
    pencil.fill(syscall.number, default_action);
    pencil.put(syscall, policy.arch->is_64bit);
  }
  if (policy.newest != 0) pencil.fill(policy.newest + std::uint64_t{1}, default_action);
  pencil.fill(end, beyond_newest(policy, default_action));
}

void draw_plain(Pencil& pencil, const ArchPolicy& policy, Verdict default_action) {
  const bool s390 =
      policy.arch->audit_arch == AUDIT_ARCH_S390 || policy.arch->audit_arch == AUDIT_ARCH_S390X;
  if (s390) {
    const Verdict unknown_call = beyond_newest(policy, default_action);
    if (unknown_call == kNoSuchCall) pencil.fill(1, unknown_call);
  }
  draw_policy(pencil, policy, kEnd, default_action);
}

void draw_x86_64(Pencil& pencil, const ArchPolicy* x86_64, const ArchPolicy* x32,
                 Verdict default_action) {
  if (x86_64 != nullptr) {
    draw_policy(pencil, *x86_64, kX32Bit, default_action);
  } else {
    pencil.fill(kX32Bit, kBadArch);
  }
  if (x32 != nullptr) return draw_policy(pencil, *x32, kEnd, default_action);

  pencil.fill(2 * std::uint64_t{kX32Bit}, kBadArch);
  // Bit 31 without bit 30 is not x32's but simply a number that no call has.
  const Verdict beyond = beyond_newest(*x86_64, default_action);
  pencil.fill(3 * std::uint64_t{kX32Bit}, beyond == kNoSuchCall ? beyond : kBadArch);
  pencil.fill(kEnd - 1, kBadArch);
  pencil.fill(kEnd, default_action);
}

const ArchPolicy* find_policy(const std::vector<ArchPolicy>& policies, std::string_view name) {
  const auto found = std::ranges::find_if(
      policies, [&](const ArchPolicy& policy) { return policy.arch->name == name; });
  return found == policies.end() ? nullptr : &*found;
}

}  // namespace

std::vector<ArchLine> draw_lines(const std::vector<ArchPolicy>& policies, Verdict default_action) {
  std::vector<ArchLine> lines;
  lines.reserve(policies.size());
  for (const ArchPolicy& policy : policies) {
    const Arch& arch = *policy.arch;
    if (std::ranges::find(lines, arch.audit_arch, &ArchLine::audit_arch) != lines.end()) continue;
    Pencil pencil(2 * policy.syscalls.size() + 8);
    if (arch.audit_arch == AUDIT_ARCH_X86_64) {
      draw_x86_64(pencil, find_policy(policies, "SCMP_ARCH_X86_64"),
                  find_policy(policies, "SCMP_ARCH_X32"), default_action);
    } else {
      draw_plain(pencil, policy, default_action);
    }
    lines.push_back({arch.audit_arch, arch.is_big_endian, pencil.take()});
  }
  return lines;
}

}  // namespace nacre::seccomp
