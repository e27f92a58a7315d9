// The rules of linux.resources.devices between their text and their program: checked, in the order
// in which they are asked, without what can never decide anything.
#pragma once

#include <linux/bpf.h>

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::cgroups {

inline constexpr unsigned kAllAccess =
    BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;

struct DeviceEntry {
  static constexpr std::int64_t kAny = -1;

  bool allow;
  unsigned access;            // BPF_DEVCG_ACC_*
  std::int64_t major_number;  // kAny, or below 2^12: the kernel's dev_t (linux/kdev_t.h)
  std::int64_t minor_number;  // kAny, or below 2^20

  [[nodiscard]] bool matches_all_devices() const {
    return major_number == kAny && minor_number == kAny;
  }
  auto operator<=>(const DeviceEntry&) const = default;
};

// For one type of device. The entries are asked from the first to the last; each grants or refuses
// those of the asked accesses that it contains and that are still open; what is open at the end is
// refused. Among neighbours that all allow, or all deny, the order does not matter.
struct DeviceSection {
  std::vector<DeviceEntry> entries;
  bool allows_all = false;
};
struct DeviceSections {
  DeviceSection of_char;
  DeviceSection of_block;
};

[[nodiscard]] Result<DeviceSections> simplify_device_rules(std::span<const oci::DeviceRule> rules);

}  // namespace nacre::cgroups
