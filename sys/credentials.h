// Ids, capabilities, keyrings, seccomp. Raw calls: glibc's setuid family would signal every thread
// to follow.
#pragma once

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>

#include <cstdint>

#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::sys {

// Bit n is capability number n (CAP_CHOWN = 0).
struct CapabilitySets {
  std::uint64_t effective = 0;
  std::uint64_t permitted = 0;
  std::uint64_t inheritable = 0;
};

[[nodiscard]] inline Outcome<void> capset(const CapabilitySets& sets) noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const auto low = [](std::uint64_t bits) { return static_cast<std::uint32_t>(bits); };
  const auto high = [](std::uint64_t bits) { return static_cast<std::uint32_t>(bits >> 32U); };
  const __user_cap_data_struct data[2] = {
      {low(sets.effective), low(sets.permitted), low(sets.inheritable)},
      {high(sets.effective), high(sets.permitted), high(sets.inheritable)}};
  return call<void>(__NR_capset, &header, data);
}
[[nodiscard]] inline Outcome<CapabilitySets> capget() noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  const auto done = call<void>(__NR_capget, &header, data);
  if (!done) return std::unexpected(done.error());
  const auto whole = [](std::uint32_t low, std::uint32_t high) {
    return std::uint64_t{low} | std::uint64_t{high} << 32U;
  };
  return CapabilitySets{whole(data[0].effective, data[1].effective),
                        whole(data[0].permitted, data[1].permitted),
                        whole(data[0].inheritable, data[1].inheritable)};
}
[[nodiscard]] inline Outcome<void> setgroups(const std::uint32_t* groups,
                                             std::size_t count) noexcept {
  return call<void>(__NR_setgroups, count, groups);
}
[[nodiscard]] inline Outcome<void> setresuid(std::uint32_t uid) noexcept {
  return call<void>(__NR_setresuid, uid, uid, uid);
}
[[nodiscard]] inline Outcome<void> setresgid(std::uint32_t gid) noexcept {
  return call<void>(__NR_setresgid, gid, gid, gid);
}
// File-system ids: what files are made and looked at as. Neither call says whether it has done
// anything: -1 changes nothing and tells what is now.
inline std::uint32_t setfsuid(std::uint32_t uid) noexcept {
  return static_cast<std::uint32_t>(raw_syscall(__NR_setfsuid, static_cast<long>(uid)));
}
inline std::uint32_t setfsgid(std::uint32_t gid) noexcept {
  return static_cast<std::uint32_t>(raw_syscall(__NR_setfsgid, static_cast<long>(gid)));
}
// Joins (and creates) the named session keyring; null makes an anonymous one. Returns its serial
// number.
[[nodiscard]] inline Outcome<int> join_session_keyring(const char* name) noexcept {
  return call<int>(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
}
[[nodiscard]] inline Outcome<void> set_key_permissions(int key, std::uint32_t mask) noexcept {
  return call<void>(__NR_keyctl, KEYCTL_SETPERM, key, mask);
}
// With SECCOMP_FILTER_FLAG_NEW_LISTENER in flags the value is a new descriptor, else 0.
[[nodiscard]] inline Outcome<int> seccomp_set_filter(const sock_fprog& program,
                                                     unsigned flags) noexcept {
  return call<int>(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}
// Whether the kernel knows a filter flag: it faults on the null program only after it has accepted
// the flags.
inline bool seccomp_knows_flag(unsigned flag) noexcept {
  const auto probe = call<void>(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flag, nullptr);
  return !probe && probe.error().value == EFAULT;
}
[[nodiscard]] inline Outcome<void> seccomp_action_available(std::uint32_t action) noexcept {
  return call<void>(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
}

}  // namespace nacre::sys
