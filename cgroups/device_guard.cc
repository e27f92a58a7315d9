#include <array>

#include "base/text.h"
#include "cgroups/device_program.h"
#include "sys/bpf.h"

namespace nacre::cgroups {
namespace {

// By this name an update finds the program again.
constexpr const char* kProgramName = "nacre_devices";
constexpr unsigned kMaxPrograms = 64;  // BPF_CGROUP_MAX_PROGS

Error cannot(Errno error, std::string_view what) {
  return Error::from_errno(error, text::join("enforce linux.resources.devices: ", what));
}

sys::Outcome<UniqueFd> load(const DeviceProgram& program) {
  // The verifier gives up with EAGAIN when a signal comes in.
  constexpr int kAttempts = 30;
  sys::Outcome<UniqueFd> loaded = std::unexpected(Errno{EAGAIN});
  for (int i = 0; i < kAttempts && !loaded && loaded.error().value == EAGAIN; ++i) {
    loaded = sys::bpf_load_device_program(program.instructions.data(),
                                          static_cast<unsigned>(program.instructions.size()),
                                          kProgramName);
  }
  return loaded;
}

Result<std::vector<UniqueFd>> our_programs(FdRef cgroup) {
  std::array<std::uint32_t, kMaxPrograms> ids{};
  const unsigned count =
      NACRE_TRY_CTX(sys::bpf_query_device_programs(cgroup, ids.data(), kMaxPrograms),
                    "enforce linux.resources.devices: list the programs of the cgroup");
  std::vector<UniqueFd> ours;
  for (unsigned i = 0; i < count; ++i) {
    auto program = sys::bpf_program_by_id(ids.at(i));
    if (!program) continue;  // detached meanwhile, or a security module hides it: not ours
    const auto name = sys::bpf_program_name(*program);
    if (name && std::string_view(name->text) == kProgramName) ours.push_back(*std::move(program));
  }
  return ours;
}

sys::Outcome<void> swap_in(FdRef cgroup, FdRef program, const std::vector<UniqueFd>& old) {
  if (old.size() == 1) {
    const auto replaced = sys::bpf_replace_device_program(cgroup, program, old.front());
    if (replaced || replaced.error().value != EINVAL) return replaced;  // EINVAL: before 5.6
  }
  return sys::bpf_attach_device_program(cgroup, program, BPF_F_ALLOW_MULTI);
}

Result<void> detach(FdRef cgroup, const std::vector<UniqueFd>& programs) {
  for (const UniqueFd& program : programs) {
    const auto done = sys::bpf_detach_device_program(cgroup, program);
    // ENOENT: it has been replaced.
    if (!done && done.error().value != ENOENT) {
      return fail(cannot(done.error(), "detach the old device program"));
    }
  }
  return {};
}

Result<DeviceGuard> enforce(FdRef cgroup, const DeviceProgram& program,
                            const std::vector<UniqueFd>& old, bool in_user_namespace) {
  const auto loaded = load(program);
  if (!loaded && loaded.error().value == EPERM && in_user_namespace) {
    return DeviceGuard::kNotPermitted;
  }
  if (!loaded) return fail(cannot(loaded.error(), "load the device program (bpf)"));
  const auto attached = swap_in(cgroup, *loaded, old);
  if (!attached && attached.error().value == EPERM && in_user_namespace) {
    return DeviceGuard::kNotPermitted;
  }
  if (!attached) {
    return fail(cannot(attached.error(), "attach the device program to the cgroup (bpf)"));
  }
  NACRE_TRY(detach(cgroup, old));
  return DeviceGuard::kEnforced;
}

}  // namespace

Result<DeviceGuard> guard_devices(FdRef cgroup, const DeviceProgram& program,
                                  bool in_user_namespace) {
  if (program.instructions.empty()) return DeviceGuard::kNothingToDo;
  return enforce(cgroup, program, {}, in_user_namespace);
}

Result<DeviceGuard> replace_device_guard(FdRef cgroup, const DeviceProgram& program,
                                         bool in_user_namespace) {
  auto old = our_programs(cgroup);
  if (!old && old.error().sys_errno() == EPERM && in_user_namespace) {
    return program.instructions.empty() ? DeviceGuard::kNothingToDo : DeviceGuard::kNotPermitted;
  }
  if (!old) return fail(std::move(old).error());
  if (program.instructions.empty()) {
    NACRE_TRY(detach(cgroup, *old));
    return DeviceGuard::kNothingToDo;
  }
  return enforce(cgroup, program, *old, in_user_namespace);
}

}  // namespace nacre::cgroups
