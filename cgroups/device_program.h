// linux.resources.devices as a BPF program of the cgroup (BPF_PROG_TYPE_CGROUP_DEVICE, 4.15).
//
// Meaning of the rules. For each of the asked accesses (r, w, m) alone the last rule decides whose
// type and numbers match and whose accesses contain it; without one it is denied. All must be
// granted. So "allow c 1:3 r" and "allow c 1:3 w" together grant opening for both, and a later deny
// always takes away what it names. The order is the one of cgroup v1, which runc emulates
// (devices_emulator.go), but for these cases, where a deny would do less than it says there:
//   - a deny that overlaps a wider allow: here it denies; runc: an error ("cannot punch hole");
//   - a deny that is wider than an earlier allow: here it denies; runc: the earlier one stays;
//   - deny w where everything is allowed, and open for r and w: here denied; runc's program:
//   allowed.
//   - type "a" with numbers or accesses: they count, as in the spec and in crun; runc: all devices.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"
#include "sys/fds.h"

namespace nacre::cgroups {

// Empty: the rules allow everything, there is nothing to attach.
struct DeviceProgram {
  std::vector<bpf_insn> instructions;
};

// Pure. The caller appends default_device_rules() to the container's own rules first, as runc does.
// Errors: a type other than "a", "b", "c" or "" (= "a"), a number that is none, an access letter
// other than r, w, m; more rules than a program can hold (some thousands).
[[nodiscard]] Result<DeviceProgram> compile_device_program(std::span<const oci::DeviceRule> rules);

// What every container may use, whatever its own rules say (spec: config-linux.md, "Default
// Devices"; the list is runc's AllowedDevices): mknod of anything; null, zero, full, random,
// urandom, tty, ptmx, pseudo terminals, and net/tun, which runc 1.2.0 left out and took back.
std::vector<oci::DeviceRule> default_device_rules();

// How a container's device rules are kept.
enum class DeviceGuard : std::uint8_t {
  kEnforced,      // by a program attached to its cgroup
  kNothingToDo,   // they allow everything
  kNotPermitted,  // not at all: see below
};

// Loads the program and attaches it to a fresh cgroup, beside those of its ancestors
// (BPF_F_ALLOW_MULTI): each may only take away.
//
// bpf(2) is refused inside a user namespace. There the rules cannot be kept, and every rootless
// container has some: so with `in_user_namespace` that one refusal (EPERM) gives kNotPermitted, for
// the caller to report, as runc and crun go on in that case. What then protects the devices is that
// such a runtime can neither make device nodes nor open what its user may not. Everywhere else a
// refusal is an error.
[[nodiscard]] Result<DeviceGuard> guard_devices(FdRef cgroup, const DeviceProgram& program,
                                                bool in_user_namespace);

// For an update: in one step where possible (5.6), so that there is no moment without rules. Only a
// program of ours is replaced; one of systemd's stays.
[[nodiscard]] Result<DeviceGuard> replace_device_guard(FdRef cgroup, const DeviceProgram& program,
                                                       bool in_user_namespace);

}  // namespace nacre::cgroups
