// linux.resources as a list of writes to cgroup v2 control files. Pure.
//
// The meaning of a field is runc's where the spec speaks of cgroup v1 only, so that a container has
// the same limits under either runtime (github.com/opencontainers/cgroups, fs2/). What becomes of
// each field:
//
//   memory.limit              memory.max; 0 = not given, -1 = "max"
//   memory.reservation        memory.low; 0 = not given, -1 = "max"
//   memory.swap               memory.swap.max; the spec's number includes memory, v2's does not:
//                             swap - limit; 0 = not given; -1 = "max"; not given with limit -1 =
//                             "max"
//   memory.checkBeforeUpdate  the two limits above are refused at or below memory.current
//   memory.swappiness, disableOOMKiller, kernel, kernelTCP, useHierarchy
//                             ignored, as by runc: v2 has no such files, and callers send them
//                             whatever the host has
//   cpu.shares                cpu.weight by the formula below; 0 = not given; nothing when cpu.idle
//   is 1
//                             (the kernel refuses the pair)
//   cpu.quota, period         cpu.max "quota period"; quota <= 0 = "max", period 0 = 100000
//   cpu.burst, idle           cpu.max.burst, cpu.idle
//   cpu.realtimeRuntime/Period  an error unless 0: v2 has no such files (runc: ignored)
//   cpu.cpus, mems            cpuset.cpus, cpuset.mems
//   pids.limit                pids.max; negative = "max", 0 = 1 (as runc)
//   blockIO.weight            io.bfq.weight where BFQ is, else io.weight on its scale of 1..10000
//   blockIO.weightDevice      the same with "major:minor " in front (runc: silently dropped without
//   BFQ) blockIO.leafWeight        ignored, as by runc (v1 only, removed from the kernel in 5.0)
//   blockIO.throttle*Device   io.max; rate 0 = "max"
//   hugepageLimits            hugetlb.<size>.max and hugetlb.<size>.rsvd.max (the latter if
//   there, 5.7) rdma                      rdma.max network                   an error when anything
//   is asked: v2 has no net_cls and net_prio (runc: ignored) devices                   not here:
//   device_program.h unified                   verbatim, line by line, after everything else
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::cgroups {

// One write to one control file of the container's cgroup.
struct Setting {
  // What to do when there is no such file. kIgnore: the value is what a cgroup without the
  // controller has anyway ("max", default weight), so nothing that was asked for is lost.
  enum class IfMissing : std::uint8_t { kError, kIgnore };

  std::string file;        // "memory.max"
  std::string value;       // "1073741824"
  std::string controller;  // "memory"; empty for the files that every cgroup has
  std::string field;       // "linux.resources.memory.limit", for the error's text
  IfMissing if_missing = IfMissing::kError;

  // Written instead where `file` does not exist, unless empty.
  std::string other_file;
  std::string other_value;

  // The kernel checks it against a setting that follows: on EINVAL it is tried again after all
  // others.
  bool retry_last = false;

  // Bytes; unless 0 the setting is refused when memory.current has reached it.
  std::uint64_t must_exceed_usage = 0;

  bool operator==(const Setting&) const = default;
};

// In the order in which they must be written.
[[nodiscard]] Result<std::vector<Setting>> settings_for(const oci::Resources& resources);

// cpu.shares (2..262144, default 1024) to cpu.weight (1..10000, default 100); 0 is 0. Outside the
// range: its nearest end. weight = ceil(10 ^ ((l*l + 125*l) / 612 - 7/34)), l = log2(shares): the
// curve through both ends and the default that crun (since 1.23) and runc's cgroups library use.
std::uint64_t weight_from_shares(std::uint64_t shares);

// The controller that owns a file: the name up to the first dot; empty for "cgroup.*".
std::string_view controller_of(std::string_view file);

}  // namespace nacre::cgroups
