#include <algorithm>
#include <limits>
#include <set>

#include "oci-spec/runtime/checks.h"
#include "oci-spec/runtime/enums.h"
#include "oci-spec/runtime/validate.h"

namespace nacre::oci {

using checks::refuse;

namespace {

Result<void> check_args(const Process& process) {
  if (process.args.empty()) return refuse("process.args", "must not be empty");
  if (process.args.front().empty()) return refuse("process.args[0]", "must not be empty");
  return {};
}

Result<void> check_cwd(const Process& process) {
  if (process.cwd.empty()) return refuse("process.cwd", "must not be empty");
  if (!checks::is_absolute(process.cwd)) return refuse("process.cwd", "must be an absolute path");
  return {};
}

Result<void> check_environment(const Process& process) {
  return checks::check_env("process.env", process.env);
}

// credentials(7): the largest number is "leave it as it is" to the kernel, no id.
Result<void> check_id(std::string_view place, std::uint32_t id) {
  if (id == std::numeric_limits<std::uint32_t>::max()) return refuse(place, id, " is not an id");
  return {};
}

Result<void> check_user(const Process& process) {
  const User& user = process.user;
  NACRE_TRY(check_id("process.user.uid", user.uid));
  NACRE_TRY(check_id("process.user.gid", user.gid));
  for (std::size_t i = 0; i < user.additional_gids.size(); ++i)
    NACRE_TRY(check_id(checks::element("process.user.additionalGids", i), user.additional_gids[i]));
  if (user.umask && *user.umask > 0777)
    return refuse("process.user.umask", *user.umask, " is more than 0777");
  return {};
}

bool is_capability_char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Only the form: a name that this kernel does not have is no error (runc warns and goes on).
bool is_capability(std::string_view name) {
  constexpr std::string_view kPrefix = "CAP_";
  return name.starts_with(kPrefix) && name.size() > kPrefix.size() &&
         std::all_of(name.begin(), name.end(), is_capability_char);
}

Result<void> check_capability_set(std::string_view set, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!is_capability(names[i]))
      return refuse(checks::element(set, i), "not a capability: ", json::excerpt(names[i]));
  }
  return {};
}

Result<void> check_capabilities(const Process& process) {
  if (!process.capabilities) return {};
  const Capabilities& sets = *process.capabilities;
  NACRE_TRY(check_capability_set("process.capabilities.bounding", sets.bounding));
  NACRE_TRY(check_capability_set("process.capabilities.effective", sets.effective));
  NACRE_TRY(check_capability_set("process.capabilities.inheritable", sets.inheritable));
  NACRE_TRY(check_capability_set("process.capabilities.permitted", sets.permitted));
  return check_capability_set("process.capabilities.ambient", sets.ambient);
}

Result<void> check_rlimits(const Process& process) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < process.rlimits.size(); ++i) {
    const Rlimit& limit = process.rlimits[i];
    const std::string place = checks::element("process.rlimits", i);
    if (!is_known(kRlimits, limit.type))
      return refuse(place + ".type", "unknown limit ", json::excerpt(limit.type));
    if (!seen.insert(limit.type).second) return refuse(place, limit.type, " is given twice");
    if (limit.soft > limit.hard)
      return refuse(place, "soft limit ", limit.soft, " is above the hard limit ", limit.hard);
  }
  return {};
}

// The kernel's range; the spec has none.
Result<void> check_oom_score(const Process& process) {
  constexpr std::int32_t kMost = 1000;
  if (!process.oom_score_adj) return {};
  const std::int32_t score = *process.oom_score_adj;
  if (score < -kMost || score > kMost)
    return refuse("process.oomScoreAdj", score, " is not within -1000 and 1000");
  return {};
}

// sched_setattr(2) says which attribute belongs to which policy.
Result<void> check_scheduler_values(const Scheduler& scheduler) {
  const std::string& policy = scheduler.policy;
  const bool fair = policy == "SCHED_OTHER" || policy == "SCHED_BATCH";
  if (fair && (scheduler.nice < -20 || scheduler.nice > 19))
    return refuse("process.scheduler.nice", scheduler.nice, " is not within -20 and 19");
  if (scheduler.priority != 0 && policy != "SCHED_FIFO" && policy != "SCHED_RR")
    return refuse("process.scheduler.priority",
                  "can only be specified for the policies SCHED_FIFO and SCHED_RR");
  const bool timed = scheduler.runtime != 0 || scheduler.deadline != 0 || scheduler.period != 0;
  if (timed && policy != "SCHED_DEADLINE")
    return refuse("process.scheduler",
                  "runtime, deadline and period can only be specified for SCHED_DEADLINE");
  return {};
}

Result<void> check_scheduler(const Process& process) {
  if (!process.scheduler) return {};
  const Scheduler& scheduler = *process.scheduler;
  if (scheduler.policy.empty())
    return refuse("process.scheduler.policy", "scheduler policy is required");
  if (!is_known(kSchedulerPolicies, scheduler.policy))
    return refuse("process.scheduler.policy", "unknown policy ", json::excerpt(scheduler.policy));
  for (std::size_t i = 0; i < scheduler.flags.size(); ++i) {
    if (!is_known(kSchedulerFlags, scheduler.flags[i]))
      return refuse(checks::element("process.scheduler.flags", i), "unknown flag ",
                    json::excerpt(scheduler.flags[i]));
  }
  return check_scheduler_values(scheduler);
}

Result<void> check_io_priority(const Process& process) {
  if (!process.io_priority) return {};
  const IoPriority& io = *process.io_priority;
  if (!is_known(kIoClasses, io.io_class))
    return refuse("process.ioPriority.class",
                  "invalid ioPriority.Class: ", json::excerpt(io.io_class));
  if (io.priority < 0 || io.priority > 7)
    return refuse("process.ioPriority.priority", "invalid ioPriority.Priority: ", io.priority);
  return {};
}

Result<void> check_cpu_list(std::string_view place, std::string_view list) {
  if (list.empty() || checks::is_number_list(list)) return {};
  return refuse(place, "not a list of CPUs: ", json::excerpt(list));
}

Result<void> check_affinity(const Process& process) {
  if (!process.exec_cpu_affinity) return {};
  NACRE_TRY(check_cpu_list("process.execCPUAffinity.initial", process.exec_cpu_affinity->initial));
  return check_cpu_list("process.execCPUAffinity.final", process.exec_cpu_affinity->final);
}

using Check = Result<void> (*)(const Process&);
constexpr Check kChecks[] = {
    check_args,    check_cwd,       check_environment, check_user,        check_capabilities,
    check_rlimits, check_oom_score, check_scheduler,   check_io_priority, check_affinity,
};

}  // namespace

Result<void> validate_process(const Process& process) {
  for (const Check check : kChecks) NACRE_TRY(check(process));
  return {};
}

}  // namespace nacre::oci
