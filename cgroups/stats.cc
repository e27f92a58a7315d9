#include "cgroups/stats.h"

#include "base/text.h"
#include "cgroups/kill.h"
#include "cgroups/stats_parse.h"
#include "sys/io.h"

namespace nacre::cgroups {
namespace {

constexpr std::size_t kFileLimit = std::size_t{1} << 20U;

// The parsed content; nullopt when there is no such file.
template <class T>
Result<std::optional<T>> read_as(FdRef dir, const std::string& file,
                                 std::optional<T> (*parse)(std::string_view)) {
  const auto content = sys::read_file(dir, file.c_str(), kFileLimit);
  if (!content) {
    if (content.error().value == ENOENT) return std::nullopt;
    // memory.swap.* and *.pressure exist but cannot be read when they are off (psi=0).
    if (content.error().value == EOPNOTSUPP) return std::nullopt;
    return fail(Error::from_errno(content.error(), text::join("read ", file)));
  }
  std::optional<T> parsed = parse(*content);
  if (!parsed) {
    return fail(internal_error(text::join("cannot understand ", file, ": ",
                                          text::quote(std::string_view(*content).substr(0, 200)))));
  }
  return parsed;
}

std::optional<std::uint64_t> find(const FlatKeyed& values, std::string_view key) {
  const auto at = values.find(key);
  if (at == values.end()) return std::nullopt;
  return at->second;
}

std::uint64_t count(const std::optional<FlatKeyed>& values, std::string_view key) {
  return values ? find(*values, key).value_or(0) : 0;
}

// "No limit" and "no such file" alike.
Result<std::optional<std::uint64_t>> read_number(FdRef dir, const std::string& file) {
  const auto limit = NACRE_TRY(read_as(dir, file, &parse_limit));
  return limit ? limit->value : std::nullopt;
}

Result<CpuStats> read_cpu(FdRef dir) {
  CpuStats cpu;
  if (const auto values = NACRE_TRY(read_as(dir, "cpu.stat", &parse_flat_keyed))) {
    cpu.usage = count(values, "usage_usec");
    cpu.user = count(values, "user_usec");
    cpu.system = count(values, "system_usec");
    cpu.periods = find(*values, "nr_periods");
    cpu.throttled = find(*values, "nr_throttled");
    cpu.throttled_time = find(*values, "throttled_usec");
    cpu.bursts = find(*values, "nr_bursts");
    cpu.burst_time = find(*values, "burst_usec");
  }
  cpu.pressure = NACRE_TRY(read_as(dir, "cpu.pressure", &parse_pressure));
  return cpu;
}

Result<std::optional<MemoryStats>> read_memory(FdRef dir) {
  const auto usage = NACRE_TRY(read_as(dir, "memory.current", &parse_limit));
  if (!usage) return std::nullopt;
  MemoryStats memory;
  memory.usage = usage->value.value_or(0);
  memory.limit = NACRE_TRY(read_number(dir, "memory.max"));
  memory.peak = NACRE_TRY(read_number(dir, "memory.peak"));
  memory.swap_usage = NACRE_TRY(read_number(dir, "memory.swap.current"));
  memory.swap_limit = NACRE_TRY(read_number(dir, "memory.swap.max"));
  memory.swap_peak = NACRE_TRY(read_number(dir, "memory.swap.peak"));
  if (auto raw = NACRE_TRY(read_as(dir, "memory.stat", &parse_flat_keyed))) {
    memory.raw.insert(raw->begin(), raw->end());
  }
  memory.pressure = NACRE_TRY(read_as(dir, "memory.pressure", &parse_pressure));
  return memory;
}

Result<PidsStats> read_pids(FdRef dir) {
  PidsStats pids;
  if (const auto current = NACRE_TRY(read_number(dir, "pids.current"))) {
    pids.current = *current;
    pids.limit = NACRE_TRY(read_number(dir, "pids.max"));
  } else {
    pids.current = NACRE_TRY_CTX(list_processes(dir), "list processes").size();
  }
  return pids;
}

Result<std::optional<IoStats>> read_io(FdRef dir) {
  IoStats io;
  auto devices = read_as(dir, "io.stat", &parse_io_stat);
  if (!devices) return fail(std::move(devices).error());
  io.pressure = NACRE_TRY(read_as(dir, "io.pressure", &parse_pressure));
  std::optional<std::vector<IoDevice>>& list = *devices;
  if (!list && !io.pressure) return std::nullopt;
  if (list) io.devices = std::move(*list);
  return io;
}

Result<std::map<std::string, HugetlbStats>> read_hugetlb(FdRef dir) {
  constexpr std::string_view kPrefix = "hugetlb.";
  constexpr std::string_view kSuffix = ".current";
  std::map<std::string, HugetlbStats> sizes;
  for (const std::string& file : NACRE_TRY_CTX(sys::list_directory(dir), "list the cgroup")) {
    if (!file.starts_with(kPrefix) || !file.ends_with(kSuffix)) continue;
    const std::string size =
        file.substr(kPrefix.size(), file.size() - kPrefix.size() - kSuffix.size());
    if (size.find('.') != std::string::npos) continue;  // 2MB.rsvd
    HugetlbStats stats;
    stats.usage = NACRE_TRY(read_number(dir, file)).value_or(0);
    stats.reserved = NACRE_TRY(read_number(dir, text::join(kPrefix, size, ".rsvd.current")));
    stats.failures = count(
        NACRE_TRY(read_as(dir, text::join(kPrefix, size, ".events"), &parse_flat_keyed)), "max");
    sizes.emplace(size, stats);
  }
  return sizes;
}

Result<std::optional<RdmaStats>> read_rdma(FdRef dir) {
  auto current = NACRE_TRY(read_as(dir, "rdma.current", &parse_rdma));
  auto limit = NACRE_TRY(read_as(dir, "rdma.max", &parse_rdma));
  if (!current || !limit) return std::nullopt;
  return RdmaStats{*std::move(current), *std::move(limit)};
}

Result<std::map<std::string, MiscStats>> read_misc(FdRef dir) {
  std::map<std::string, MiscStats> all;
  const auto current = NACRE_TRY(read_as(dir, "misc.current", &parse_flat_keyed));
  const auto events = NACRE_TRY(read_as(dir, "misc.events", &parse_flat_keyed));
  if (!current) return all;
  for (const auto& [name, usage] : *current) {
    all[name] = {usage, count(events, text::join(name, ".max"))};
  }
  return all;
}

}  // namespace

Result<Stats> read_stats(FdRef cgroup) {
  Stats stats;
  stats.cpu = NACRE_TRY(read_cpu(cgroup));
  stats.memory = NACRE_TRY(read_memory(cgroup));
  stats.pids = NACRE_TRY(read_pids(cgroup));
  stats.io = NACRE_TRY(read_io(cgroup));
  stats.hugetlb = NACRE_TRY(read_hugetlb(cgroup));
  stats.rdma = NACRE_TRY(read_rdma(cgroup));
  stats.misc = NACRE_TRY(read_misc(cgroup));
  return stats;
}

Result<Events> read_events(FdRef cgroup) {
  const auto state = NACRE_TRY(read_as(cgroup, "cgroup.events", &parse_flat_keyed));
  if (!state) return fail(not_found("there is no cgroup.events: the cgroup has been removed"));
  Events events;
  events.populated = count(state, "populated") != 0;
  events.frozen = count(state, "frozen") != 0;
  if (const auto memory = NACRE_TRY(read_as(cgroup, "memory.events", &parse_flat_keyed))) {
    events.memory = MemoryEvents{count(memory, "low"),      count(memory, "high"),
                                 count(memory, "max"),      count(memory, "oom"),
                                 count(memory, "oom_kill"), count(memory, "oom_group_kill")};
  }
  if (const auto pids = NACRE_TRY(read_as(cgroup, "pids.events", &parse_flat_keyed))) {
    events.pids_max = find(*pids, "max");
  }
  return events;
}

}  // namespace nacre::cgroups
