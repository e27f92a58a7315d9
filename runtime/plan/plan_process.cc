#include <linux/capability.h>
#include <linux/sched/types.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "base/text.h"
#include "oci-spec/runtime/enums.h"
#include "runtime/plan/builder.h"
#include "runtime/plan/capabilities.h"
#include "runtime/plan/cpu_list.h"

namespace nacre::plan {
namespace {

constexpr std::uint64_t bit(unsigned capability) { return std::uint64_t{1} << capability; }

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

void plan_write_proc(Builder& b, const char* path, std::string value, std::string what) {
  PlannedOp& op = b.add(OpKind::kWriteProc, Stage::kSecurity, std::move(what));
  op.slot = {Slot::Kind::kProcfs};
  op.text = path;
  op.text2 = std::move(value);
  b.plan.needs_procfs = true;
}

Result<void> plan_labels(Builder& b, const oci::Process& process) {
  if (!process.apparmor_profile.empty() && process.apparmor_profile != "unconfined") {
    if (!b.host.apparmor) {
      return fail(failed_precondition(
          text::join("process.apparmorProfile ", text::quote(process.apparmor_profile),
                     " cannot be applied: AppArmor is not enabled on this host")));
    }
    plan_write_proc(b, "self/attr/apparmor/exec", text::join("exec ", process.apparmor_profile),
                    text::join("apply AppArmor profile ", process.apparmor_profile));
  }
  if (!process.selinux_label.empty()) {
    if (!b.host.selinux) {
      return fail(failed_precondition(
          text::join("process.selinuxLabel ", text::quote(process.selinux_label),
                     " cannot be applied: SELinux is not enabled on this host")));
    }
    plan_write_proc(b, "self/attr/exec", process.selinux_label,
                    text::join("apply SELinux label ", process.selinux_label));
  }
  return {};
}

void plan_oom_score(Builder& b, const oci::Process& process) {
  if (!process.oom_score_adj) return;
  plan_write_proc(b, "self/oom_score_adj", std::to_string(*process.oom_score_adj),
                  text::join("set process.oomScoreAdj to ", *process.oom_score_adj));
}

void plan_scheduler(Builder& b, const oci::Process& process) {
  if (!process.scheduler) return;
  const oci::Scheduler& wanted = *process.scheduler;
  sched_attr attr{};
  attr.size = sizeof attr;
  attr.sched_policy = oci::value_of(oci::kSchedulerPolicies, wanted.policy).value_or(0);
  for (const std::string& flag : wanted.flags) {
    attr.sched_flags |= oci::value_of(oci::kSchedulerFlags, flag).value_or(0);
  }
  attr.sched_nice = wanted.nice;
  attr.sched_priority = static_cast<std::uint32_t>(wanted.priority);
  attr.sched_runtime = wanted.runtime;
  attr.sched_deadline = wanted.deadline;
  attr.sched_period = wanted.period;
  b.add(OpKind::kScheduler, Stage::kProcess, text::join("set process.scheduler ", wanted.policy))
      .text = bytes_of(attr);
}

void plan_io_priority(Builder& b, const oci::Process& process) {
  if (!process.io_priority) return;
  constexpr unsigned kClassShift = 13;
  const int io_class = oci::value_of(oci::kIoClasses, process.io_priority->io_class).value_or(0);
  b.add(OpKind::kIoPriority, Stage::kProcess,
        text::join("set process.ioPriority ", process.io_priority->io_class))
      .value = static_cast<std::uint64_t>(io_class) << kClassShift |
               static_cast<std::uint64_t>(process.io_priority->priority);
}

Result<void> plan_affinity(Builder& b, const oci::Process& process) {
  if (!process.exec_cpu_affinity || process.exec_cpu_affinity->final.empty()) return {};
  const std::string& cpus = process.exec_cpu_affinity->final;
  PlannedOp& op = b.add(OpKind::kAffinity, Stage::kProcess,
                        text::join("set process.execCPUAffinity.final ", cpus));
  op.text = NACRE_TRY_CTX(parse_cpu_list(cpus), "process.execCPUAffinity.final");
  op.value = op.text.size();
  return {};
}

// Raising a hard limit asks for CAP_SYS_RESOURCE in the first user namespace, which init does not
// have in another one: then the parent sets them from outside.
void plan_rlimits(Builder& b, const oci::Process& process, const ProcessContext& context) {
  for (const oci::Rlimit& limit : process.rlimits) {
    const int resource = oci::value_of(oci::kRlimits, limit.type).value_or(-1);
    const std::string what = text::join("set ", limit.type, " to ", limit.soft, ":", limit.hard);
    if (context.user_namespace) {
      b.plan.parent_rlimits.push_back({resource, limit.soft, limit.hard, what});
      continue;
    }
    PlannedOp& op = b.add(OpKind::kRlimit, Stage::kProcess, what);
    op.mode = static_cast<std::uint32_t>(resource);
    op.value = limit.soft;
    op.value2 = limit.hard;
  }
}

void plan_stdio(Builder& b, const oci::Process& process) {
  if (process.terminal) {
    b.add(OpKind::kStdio, Stage::kProcess, "connect the terminal").extra = 1;
  }
  b.add(OpKind::kStdioOwner, Stage::kProcess, "give standard streams to the user").value =
      process.user.uid;
}

// Before the ids change a missing directory is made, as runc does for create; whoever execs into a
// container means one that is there.
void plan_working_directory(Builder& b, const oci::Process& process, bool first, bool is_exec) {
  PlannedOp& op =
      b.add(OpKind::kWorkingDirectory, Stage::kProcess,
            text::join("chdir to cwd (", text::quote(process.cwd), ") set in config.json failed"));
  op.text = process.cwd;
  op.extra = first ? (is_exec ? 2 : 3) : 0;
}

Result<void> plan_ids(Builder& b, const oci::Process& process, const ProcessContext& context) {
  const oci::User& user = process.user;
  if (context.setgroups_denied && !user.additional_gids.empty()) {
    return fail(failed_precondition(
        "process.user.additionalGids: cannot set any additional groups in a rootless container"));
  }
  PlannedOp& op = b.add(OpKind::kIdentity, Stage::kProcess,
                        text::join("set uid ", user.uid, ", gid ", user.gid));
  op.value = std::uint64_t{user.uid} << 32U | user.gid;
  op.ids = user.additional_gids;
  op.extra = context.setgroups_denied ? 1 : 0;
  return {};
}

// Without no_new_privs a filter is loaded with CAP_SYS_ADMIN: kept until then. Lowering the
// bounding set and raising ambient ones happens before and needs nothing kept.
void plan_capabilities(Builder& b, const CapabilityMasks& masks, bool keep_for_seccomp) {
  PlannedOp& op = b.add(OpKind::kCapabilities, Stage::kProcess, "set process.capabilities");
  op.words = {masks.effective, masks.permitted, masks.inheritable, masks.ambient};
  op.value = keep_for_seccomp ? bit(CAP_SYS_ADMIN) : 0;
}

std::string search_path(const std::vector<std::string>& environment) {
  for (const std::string& entry : environment) {
    if (entry.starts_with("PATH=")) return entry.substr(5);
  }
  return {};
}

bool has_home(const std::vector<std::string>& environment) {
  return std::ranges::any_of(environment,
                             [](const std::string& entry) { return entry.starts_with("HOME="); });
}

}  // namespace

// getenv(3) finds the first entry of a name; callers mean the last.
std::vector<std::string> process_environment(const oci::Process& process,
                                             const LaunchOptions& options) {
  std::vector<std::string> all = process.env;
  if (options.listen_fds > 0) {
    all.push_back(text::join("LISTEN_FDS=", options.listen_fds));
    all.emplace_back("LISTEN_PID=1");
  }
  if (!options.notify_directory.empty()) {
    all.emplace_back("NOTIFY_SOCKET=/run/notify/notify.sock");
  }
  std::map<std::string_view, std::size_t> last;
  const auto name_of = [](const std::string& entry) {
    return std::string_view(entry).substr(0, entry.find('='));
  };
  for (std::size_t i = 0; i < all.size(); ++i) last[name_of(all[i])] = i;
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (last[name_of(all[i])] == i) kept.push_back(all[i]);
  }
  return kept;
}

Result<void> plan_writes_to_proc(Builder& b, const oci::Process& process) {
  plan_oom_score(b, process);
  NACRE_TRY(plan_labels(b, process));
  if (b.plan.needs_procfs) {
    b.add(OpKind::kForget, Stage::kProcess, "close the private procfs").slot = {
        Slot::Kind::kProcfs};
  }
  return {};
}

Result<void> plan_process(Builder& b, const oci::Process& process, const ProcessContext& context) {
  if (!context.is_exec) NACRE_TRY(plan_writes_to_proc(b, process));
  plan_scheduler(b, process);
  plan_io_priority(b, process);
  if (context.is_exec) NACRE_TRY(plan_affinity(b, process));
  plan_rlimits(b, process, context);
  plan_stdio(b, process);
  const CapabilityMasks masks = capability_masks(
      process.capabilities, context.user_namespace ? ~std::uint64_t{0} : b.host.capabilities);
  b.add(OpKind::kBounding, Stage::kProcess, "drop capabilities from the bounding set").value =
      masks.bounding;
  plan_working_directory(b, process, true, context.is_exec);
  NACRE_TRY(plan_ids(b, process, context));
  plan_capabilities(b, masks, context.has_seccomp && !process.no_new_privileges);
  plan_working_directory(b, process, false, context.is_exec);
  b.add(OpKind::kUmask, Stage::kProcess, "set the umask").mode = process.user.umask.value_or(0022);
  const std::vector<std::string> environment = process_environment(process, b.options);
  if (!has_home(environment)) {
    b.add(OpKind::kFindHome, Stage::kProcess, "find HOME in /etc/passwd").value = process.user.uid;
  }
  PlannedOp& find = b.add(OpKind::kFindExecutable, Stage::kExec,
                          text::join("exec: ", text::quote(process.args.front())));
  find.text = process.args.front();
  find.text2 = search_path(environment);
  return {};
}

// From here on with no more than the container's program will have: startContainer hooks are
// programs of the image too.
void plan_confinement(Builder& b, const oci::Process& process, const SeccompProgram& seccomp) {
  if (process.no_new_privileges) {
    b.add(OpKind::kNoNewPrivileges, Stage::kExec, "set no_new_privs");
  }
  if (!seccomp.filter.empty()) {
    PlannedOp& op = b.add(OpKind::kSeccomp, Stage::kExec, "load the seccomp filter");
    op.text = seccomp.filter;
    op.value = seccomp.flags;
    op.value2 = seccomp.filter.size() / 8;  // sizeof(sock_filter)
    if (seccomp.needs_listener) {
      op.slot = {Slot::Kind::kSeccompSocket};
      op.slot2 = {Slot::Kind::kSeccompMessage};
      b.plan.needs_seccomp_listener = true;
    }
  }
  b.add(OpKind::kFinalCapabilities, Stage::kExec, "set process.capabilities");
}

void plan_exec(Builder& b, const oci::Process& process) {
  PlannedOp& op = b.add(OpKind::kExec, Stage::kExec, text::join("exec ", process.args.front()));
  op.list = process.args;
  op.list2 = process_environment(process, b.options);
}

}  // namespace nacre::plan
