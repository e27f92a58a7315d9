#include <cmath>

#include "base/text.h"
#include "cgroups/settings_parts.h"

namespace nacre::cgroups {

std::uint64_t weight_from_shares(std::uint64_t shares) {
  if (shares == 0) return 0;
  if (shares <= 2) return 1;
  if (shares >= 262144) return 10000;
  const double l = std::log2(static_cast<double>(shares));
  const double weight = std::pow(10.0, (l * l + 125.0 * l) / 612.0 - 7.0 / 34.0);
  // The default, 1024, lies exactly on 100: a rounding error upwards must not make it 101. No other
  // number of shares comes this close to an integer.
  return static_cast<std::uint64_t>(std::ceil(weight - 1e-7));
}

namespace parts {
namespace {

constexpr std::uint64_t kDefaultPeriod = 100000;  // microseconds
constexpr std::uint64_t kDefaultWeight = 100;

void add_weight(const oci::CpuResources& cpu, Settings& out) {
  // The kernel answers EINVAL to a weight in an idle cgroup, and forgets it when idle is set later.
  if (cpu.idle == 1) return;
  const std::uint64_t weight = weight_from_shares(cpu.shares.value_or(0));
  if (weight == 0) return;
  out.push_back(setting("cpu.weight", std::to_string(weight), "cpu.shares",
                        weight == kDefaultWeight ? IfMissing::kIgnore : IfMissing::kError));
}

void add_bandwidth(const oci::CpuResources& cpu, Settings& out) {
  const std::int64_t quota = cpu.quota.value_or(0);
  const std::uint64_t period = cpu.period.value_or(0);
  if (cpu.burst) {
    // burst <= quota is checked at every write of either: whichever order is right for what is
    // there now, one of the two attempts meets it.
    Setting burst = setting("cpu.max.burst", std::to_string(*cpu.burst), "cpu.burst",
                            *cpu.burst == 0 ? IfMissing::kIgnore : IfMissing::kError);
    burst.retry_last = true;
    out.push_back(std::move(burst));
  }
  if (quota == 0 && period == 0) return;
  const bool limited = quota > 0;
  out.push_back(setting("cpu.max",
                        text::join(limited ? std::to_string(quota) : std::string("max"), ' ',
                                   period == 0 ? kDefaultPeriod : period),
                        quota != 0 ? "cpu.quota" : "cpu.period",
                        limited ? IfMissing::kError : IfMissing::kIgnore));
}

Result<void> check_line(std::string_view field, std::string_view value) {
  if (value.find('\n') == std::string_view::npos) return {};
  return fail(bad_field(field, text::join(text::quote(value), " contains a newline")));
}

}  // namespace

Result<void> add_cpu(const oci::CpuResources& cpu, Settings& out) {
  if (cpu.realtime_runtime.value_or(0) != 0 || cpu.realtime_period.value_or(0) != 0) {
    return fail(bad_field(
        cpu.realtime_runtime.value_or(0) != 0 ? "cpu.realtimeRuntime" : "cpu.realtimePeriod",
        "cgroup v2 has no real-time bandwidth"));
  }
  if (cpu.idle && *cpu.idle != 0 && *cpu.idle != 1) {
    return fail(bad_field("cpu.idle", text::join(*cpu.idle, " is neither 0 nor 1")));
  }
  NACRE_TRY(check_line("cpu.cpus", cpu.cpus));
  NACRE_TRY(check_line("cpu.mems", cpu.mems));

  // idle = 0 goes before the weight, which the kernel would refuse while the cgroup is still idle.
  if (cpu.idle) {
    out.push_back(setting("cpu.idle", std::to_string(*cpu.idle), "cpu.idle",
                          *cpu.idle == 0 ? IfMissing::kIgnore : IfMissing::kError));
  }
  add_weight(cpu, out);
  add_bandwidth(cpu, out);
  if (!cpu.cpus.empty()) out.push_back(setting("cpuset.cpus", cpu.cpus, "cpu.cpus"));
  if (!cpu.mems.empty()) out.push_back(setting("cpuset.mems", cpu.mems, "cpu.mems"));
  return {};
}

}  // namespace parts
}  // namespace nacre::cgroups
