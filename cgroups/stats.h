// What the control files of a cgroup say, typed. A controller that the cgroup does not have, and a
// key that this kernel does not write, is absent; a text that cannot be understood is an error.
//
// Sizes are bytes, times microseconds, as the kernel gives them. "No limit" ("max") is nullopt.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/fds.h"

namespace nacre::cgroups {

// One line of a *.pressure file (4.20): "some avg10=0.00 avg60=0.00 avg300=0.00 total=0".
struct PressureLine {
  std::uint32_t avg10 = 0;  // hundredths of a percent; likewise the next two
  std::uint32_t avg60 = 0;
  std::uint32_t avg300 = 0;
  std::uint64_t total = 0;  // microseconds
  bool operator==(const PressureLine&) const = default;
};
struct Pressure {
  PressureLine some;
  PressureLine full;
  bool operator==(const Pressure&) const = default;
};

// cpu.stat; the first three are there without the cpu controller too.
struct CpuStats {
  std::uint64_t usage = 0;                      // usage_usec
  std::uint64_t user = 0;                       // user_usec
  std::uint64_t system = 0;                     // system_usec
  std::optional<std::uint64_t> periods;         // nr_periods
  std::optional<std::uint64_t> throttled;       // nr_throttled
  std::optional<std::uint64_t> throttled_time;  // throttled_usec
  std::optional<std::uint64_t> bursts;          // nr_bursts, 5.14
  std::optional<std::uint64_t> burst_time;      // burst_usec, 5.14
  std::optional<Pressure> pressure;             // cpu.pressure
  bool operator==(const CpuStats&) const = default;
};

struct MemoryStats {
  std::uint64_t usage = 0;                   // memory.current
  std::optional<std::uint64_t> limit;        // memory.max
  std::optional<std::uint64_t> peak;         // memory.peak, 5.19
  std::optional<std::uint64_t> swap_usage;   // memory.swap.current
  std::optional<std::uint64_t> swap_limit;   // memory.swap.max
  std::optional<std::uint64_t> swap_peak;    // memory.swap.peak, 6.5
  std::map<std::string, std::uint64_t> raw;  // memory.stat
  std::optional<Pressure> pressure;          // memory.pressure
  bool operator==(const MemoryStats&) const = default;
};

// Without the pids controller `current` is the number of processes, not of threads.
struct PidsStats {
  std::uint64_t current = 0;           // pids.current
  std::optional<std::uint64_t> limit;  // pids.max
  bool operator==(const PidsStats&) const = default;
};

// One line of io.stat.
struct IoDevice {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::map<std::string, std::uint64_t>
      values;  // rbytes wbytes rios wios dbytes dios cost.usage ...
  bool operator==(const IoDevice&) const = default;
};
struct IoStats {
  std::vector<IoDevice> devices;
  std::optional<Pressure> pressure;  // io.pressure
  bool operator==(const IoStats&) const = default;
};

struct HugetlbStats {
  std::uint64_t usage = 0;                // hugetlb.<size>.current
  std::optional<std::uint64_t> reserved;  // hugetlb.<size>.rsvd.current, 5.7
  std::uint64_t failures = 0;             // "max" of hugetlb.<size>.events
  bool operator==(const HugetlbStats&) const = default;
};

// rdma.current, rdma.max: per device; nullopt is "max".
struct RdmaValues {
  std::optional<std::uint64_t> hca_handles;
  std::optional<std::uint64_t> hca_objects;
  bool operator==(const RdmaValues&) const = default;
};
struct RdmaStats {
  std::map<std::string, RdmaValues> current;
  std::map<std::string, RdmaValues> limit;
  bool operator==(const RdmaStats&) const = default;
};

struct MiscStats {
  std::uint64_t usage = 0;   // misc.current
  std::uint64_t events = 0;  // "<name>.max" of misc.events
  bool operator==(const MiscStats&) const = default;
};

struct Stats {
  CpuStats cpu;
  std::optional<MemoryStats> memory;
  PidsStats pids;
  std::optional<IoStats> io;
  std::map<std::string, HugetlbStats> hugetlb;  // key: "2MB"
  std::optional<RdmaStats> rdma;
  std::map<std::string, MiscStats> misc;
  bool operator==(const Stats&) const = default;
};
[[nodiscard]] Result<Stats> read_stats(FdRef cgroup);

// memory.events, with everything below.
struct MemoryEvents {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t max = 0;
  std::uint64_t oom = 0;
  std::uint64_t oom_kill = 0;
  std::uint64_t oom_group_kill = 0;  // 5.17
  bool operator==(const MemoryEvents&) const = default;
};
struct Events {
  bool populated = false;  // cgroup.events: a process lives here or below
  bool frozen = false;     // 5.2; also when an ancestor is frozen
  std::optional<MemoryEvents> memory;
  std::optional<std::uint64_t> pids_max;  // pids.events: forks refused
  bool operator==(const Events&) const = default;
};
// kNotFound when the cgroup has been removed.
[[nodiscard]] Result<Events> read_events(FdRef cgroup);

}  // namespace nacre::cgroups
