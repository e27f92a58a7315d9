// The words of the runtime-spec and the kernel's numbers for them: one table each, used both ways.
//
// Numbers are those of the kernel's user interface headers for this architecture. Words without a
// number are lists of names. All constant data: safe at any time in any thread or child.
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "oci-spec/runtime/spec.h"
#include "oci-spec/runtime/state.h"

namespace nacre::oci {

template <class Value>
struct Named {
  std::string_view name;
  Value value;
};

// Empty when the name is not in the table.
template <class Value, std::size_t kCount>
constexpr std::optional<Value> value_of(const Named<Value> (&table)[kCount],
                                        std::string_view name) {
  for (const Named<Value>& row : table) {
    if (row.name == name) return row.value;
  }
  return std::nullopt;
}

// Empty when the value is not in the table.
template <class Value, std::size_t kCount>
constexpr std::string_view name_of(const Named<Value> (&table)[kCount], Value value) {
  for (const Named<Value>& row : table) {
    if (row.value == value) return row.name;
  }
  return {};
}

template <std::size_t kCount>
constexpr bool is_known(const std::string_view (&names)[kCount], std::string_view name) {
  for (const std::string_view known : names) {
    if (known == name) return true;
  }
  return false;
}
template <class Value, std::size_t kCount>
constexpr bool is_known(const Named<Value> (&table)[kCount], std::string_view name) {
  return value_of(table, name).has_value();
}

inline constexpr Named<NamespaceType> kNamespaceTypes[] = {
    {"cgroup", NamespaceType::kCgroup}, {"ipc", NamespaceType::kIpc},
    {"mount", NamespaceType::kMount},   {"network", NamespaceType::kNetwork},
    {"pid", NamespaceType::kPid},       {"time", NamespaceType::kTime},
    {"user", NamespaceType::kUser},     {"uts", NamespaceType::kUts},
};

inline constexpr Named<Status> kStatuses[] = {
    {"creating", Status::kCreating}, {"created", Status::kCreated}, {"running", Status::kRunning},
    {"paused", Status::kPaused},     {"stopped", Status::kStopped},
};

// setrlimit(2); these numbers do differ between architectures.
inline constexpr Named<int> kRlimits[] = {
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
};

// ioprio_set(2), linux/ioprio.h
inline constexpr Named<int> kIoClasses[] = {
    {"IOPRIO_CLASS_RT", 1},
    {"IOPRIO_CLASS_BE", 2},
    {"IOPRIO_CLASS_IDLE", 3},
};

// sched_setattr(2), linux/sched.h. SCHED_ISO is in the spec; no kernel has it.
inline constexpr Named<std::uint32_t> kSchedulerPolicies[] = {
    {"SCHED_OTHER", 0}, {"SCHED_FIFO", 1}, {"SCHED_RR", 2},       {"SCHED_BATCH", 3},
    {"SCHED_ISO", 4},   {"SCHED_IDLE", 5}, {"SCHED_DEADLINE", 6},
};

inline constexpr Named<std::uint64_t> kSchedulerFlags[] = {
    {"SCHED_FLAG_RESET_ON_FORK", 0x01},  {"SCHED_FLAG_RECLAIM", 0x02},
    {"SCHED_FLAG_DL_OVERRUN", 0x04},     {"SCHED_FLAG_KEEP_POLICY", 0x08},
    {"SCHED_FLAG_KEEP_PARAMS", 0x10},    {"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20},
    {"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40},
};

// personality(2), linux/personality.h
inline constexpr Named<std::uint32_t> kPersonalityDomains[] = {
    {"LINUX", 0x0000},
    {"LINUX32", 0x0008},
};

// set_mempolicy(2), linux/mempolicy.h. MPOL_WEIGHTED_INTERLEAVE: 6.9, MPOL_PREFERRED_MANY: 5.15.
inline constexpr Named<int> kMemoryPolicyModes[] = {
    {"MPOL_DEFAULT", 0},
    {"MPOL_PREFERRED", 1},
    {"MPOL_BIND", 2},
    {"MPOL_INTERLEAVE", 3},
    {"MPOL_LOCAL", 4},
    {"MPOL_PREFERRED_MANY", 5},
    {"MPOL_WEIGHTED_INTERLEAVE", 6},
};

inline constexpr Named<std::uint32_t> kMemoryPolicyFlags[] = {
    {"MPOL_F_STATIC_NODES", 1U << 15U},
    {"MPOL_F_RELATIVE_NODES", 1U << 14U},
    {"MPOL_F_NUMA_BALANCING", 1U << 13U},
};

// What a mount propagates: config-linux.md, "Rootfs Mount Propagation", and the recursive forms
// that callers send.
inline constexpr std::string_view kPropagations[] = {
    "private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable",
};

// In the order in which they run.
inline constexpr std::string_view kHookNames[] = {
    "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
};

inline constexpr std::string_view kSeccompActions[] = {
    "SCMP_ACT_ALLOW",        "SCMP_ACT_ERRNO",       "SCMP_ACT_KILL",
    "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
    "SCMP_ACT_NOTIFY",       "SCMP_ACT_TRACE",       "SCMP_ACT_TRAP",
};

inline constexpr std::string_view kSeccompOperators[] = {
    "SCMP_CMP_EQ", "SCMP_CMP_GE",        "SCMP_CMP_GT", "SCMP_CMP_LE",
    "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE",
};

inline constexpr std::string_view kSeccompArchitectures[] = {
    "SCMP_ARCH_AARCH64",  "SCMP_ARCH_ARM",    "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K",
    "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32",   "SCMP_ARCH_MIPSEL",
    "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_PARISC", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PARISC64",
    "SCMP_ARCH_PPC",      "SCMP_ARCH_PPC64",  "SCMP_ARCH_PPC64LE",     "SCMP_ARCH_RISCV64",
    "SCMP_ARCH_S390",     "SCMP_ARCH_S390X",  "SCMP_ARCH_SH",          "SCMP_ARCH_SHEB",
    "SCMP_ARCH_X32",      "SCMP_ARCH_X86",    "SCMP_ARCH_X86_64",
};

inline constexpr std::string_view kSeccompFlags[] = {
    "SECCOMP_FILTER_FLAG_LOG",
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    "SECCOMP_FILTER_FLAG_TSYNC",
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
};

constexpr std::string_view to_text(NamespaceType type) { return name_of(kNamespaceTypes, type); }
constexpr std::string_view to_text(Status status) { return name_of(kStatuses, status); }

}  // namespace nacre::oci
