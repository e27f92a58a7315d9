// bpf(2), as far as cgroup device programs need it.
#pragma once

#include <linux/bpf.h>

#include <cstdint>

#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::sys {

// `name` labels the program for bpftool and for bpf_program_name(); the kernel keeps 15 characters
// of letters, digits, '_' and '.'.
[[nodiscard]] inline Outcome<UniqueFd> bpf_load_device_program(const bpf_insn* instructions,
                                                               unsigned count,
                                                               const char* name = "") noexcept {
  bpf_attr attr{};
  for (unsigned i = 0; i + 1 < BPF_OBJ_NAME_LEN && name[i] != '\0'; ++i)
    attr.prog_name[i] = name[i];
  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.insns = reinterpret_cast<std::uint64_t>(instructions);
  attr.insn_cnt = count;
  attr.license = reinterpret_cast<std::uint64_t>("Apache-2.0");
  return call<UniqueFd>(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
}
[[nodiscard]] inline Outcome<void> bpf_attach_device_program(FdRef cgroup, FdRef program,
                                                             unsigned flags) noexcept {
  bpf_attr attr{};
  attr.target_fd = static_cast<std::uint32_t>(cgroup.get());
  attr.attach_bpf_fd = static_cast<std::uint32_t>(program.get());
  attr.attach_type = BPF_CGROUP_DEVICE;
  attr.attach_flags = flags;
  return call<void>(__NR_bpf, BPF_PROG_ATTACH, &attr, sizeof attr);
}
// Puts `program` in the place of `old`, which is attached with BPF_F_ALLOW_MULTI, in one step
// (BPF_F_REPLACE, 5.6).
[[nodiscard]] inline Outcome<void> bpf_replace_device_program(FdRef cgroup, FdRef program,
                                                              FdRef old) noexcept {
  bpf_attr attr{};
  attr.target_fd = static_cast<std::uint32_t>(cgroup.get());
  attr.attach_bpf_fd = static_cast<std::uint32_t>(program.get());
  attr.attach_type = BPF_CGROUP_DEVICE;
  attr.attach_flags = BPF_F_ALLOW_MULTI | BPF_F_REPLACE;
  attr.replace_bpf_fd = static_cast<std::uint32_t>(old.get());
  return call<void>(__NR_bpf, BPF_PROG_ATTACH, &attr, sizeof attr);
}
[[nodiscard]] inline Outcome<void> bpf_detach_device_program(FdRef cgroup, FdRef program) noexcept {
  bpf_attr attr{};
  attr.target_fd = static_cast<std::uint32_t>(cgroup.get());
  attr.attach_bpf_fd = static_cast<std::uint32_t>(program.get());
  attr.attach_type = BPF_CGROUP_DEVICE;
  return call<void>(__NR_bpf, BPF_PROG_DETACH, &attr, sizeof attr);
}
// The ids of the programs attached to this very cgroup: how many were stored in `ids`. More than
// `capacity` is ENOSPC.
// The whole bpf_attr is handed over on purpose: Linux 6.17 writes query.revision even into a
// shorter one.
[[nodiscard]] inline Outcome<unsigned> bpf_query_device_programs(FdRef cgroup, std::uint32_t* ids,
                                                                 unsigned capacity) noexcept {
  bpf_attr attr{};
  attr.query.target_fd = static_cast<std::uint32_t>(cgroup.get());
  attr.query.attach_type = BPF_CGROUP_DEVICE;
  attr.query.prog_ids = reinterpret_cast<std::uint64_t>(ids);
  attr.query.prog_cnt = capacity;
  const auto done = call<void>(__NR_bpf, BPF_PROG_QUERY, &attr, sizeof attr);
  if (!done) return std::unexpected(done.error());
  return attr.query.prog_cnt;
}
[[nodiscard]] inline Outcome<UniqueFd> bpf_program_by_id(std::uint32_t id) noexcept {
  bpf_attr attr{};
  attr.prog_id = id;
  return call<UniqueFd>(__NR_bpf, BPF_PROG_GET_FD_BY_ID, &attr, sizeof attr);
}
struct BpfProgramName {
  char text[BPF_OBJ_NAME_LEN];  // NUL-terminated
};
[[nodiscard]] inline Outcome<BpfProgramName> bpf_program_name(FdRef program) noexcept {
  bpf_prog_info info{};
  bpf_attr attr{};
  attr.info.bpf_fd = static_cast<std::uint32_t>(program.get());
  attr.info.info_len = sizeof info;
  attr.info.info = reinterpret_cast<std::uint64_t>(&info);
  const auto done = call<void>(__NR_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr);
  if (!done) return std::unexpected(done.error());
  BpfProgramName name{};
  __builtin_memcpy(name.text, info.name, sizeof name.text);
  return name;
}

}  // namespace nacre::sys
