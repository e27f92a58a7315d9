#include "runtime/plan/make_plan.h"

#include <linux/sched.h>

#include <algorithm>

#include "base/text.h"
#include "oci-spec/runtime/enums.h"
#include "oci-spec/runtime/sysctl.h"
#include "runtime/plan/builder.h"
#include "runtime/plan/capabilities.h"
#include "runtime/plan/cpu_list.h"

namespace nacre::plan {
namespace {

void plan_personality(Builder& b, const std::string& domain) {
  if (domain.empty()) return;
  b.add(OpKind::kPersonality, Stage::kProcess, text::join("set linux.personality ", domain)).value =
      oci::value_of(oci::kPersonalityDomains, domain).value_or(0);
}

Result<void> plan_memory_policy(Builder& b, const oci::Spec& spec) {
  if (!spec.linux_.memory_policy) return {};
  const oci::MemoryPolicy& wanted = *spec.linux_.memory_policy;
  auto mode =
      static_cast<std::uint64_t>(oci::value_of(oci::kMemoryPolicyModes, wanted.mode).value_or(0));
  for (const std::string& flag : wanted.flags) {
    mode |= oci::value_of(oci::kMemoryPolicyFlags, flag).value_or(0);
  }
  PlannedOp& op = b.add(OpKind::kMemoryPolicy, Stage::kProcess,
                        text::join("set linux.memoryPolicy ", wanted.mode));
  op.value = mode;
  op.text.assign(128, '\0');
  if (!wanted.nodes.empty()) {
    op.text = NACRE_TRY_CTX(parse_cpu_list(wanted.nodes), "linux.memoryPolicy.nodes");
    if (op.text.size() > 128) {
      return fail(invalid_argument("linux.memoryPolicy.nodes: a node above 1023"));
    }
    op.value2 = op.text.size() * 8;
  }
  return {};
}

// One own id mapped by a process without privilege: the kernel wants setgroups denied first
// (user_namespaces(7)).
bool setgroups_denied(const oci::Spec& spec, const HostFacts& host) {
  const oci::Namespace* user = spec.find_namespace(oci::NamespaceType::kUser);
  return user != nullptr && user->path.empty() && host.euid != 0 &&
         spec.linux_.gid_mappings.size() == 1 && spec.linux_.gid_mappings.front().size == 1;
}

// Parts of the spec that this runtime does not do: asked for, they are an error and not a silence.
// `features` does not list them.
Result<void> refuse_unsupported(const oci::Spec& spec) {
  if (!spec.linux_.net_devices.empty()) {
    return fail(unsupported("linux.netDevices: moving network devices is not supported"));
  }
  if (spec.linux_.intel_rdt) return fail(unsupported("linux.intelRdt: not supported"));
  if (!spec.linux_.mount_label.empty()) {
    return fail(unsupported("linux.mountLabel: SELinux labels of mounts are not supported"));
  }
  if (spec.linux_.personality && !spec.linux_.personality->flags.empty()) {
    return fail(unsupported("linux.personality.flags: not supported"));
  }
  return {};
}

// Without it the first operation that needs CAP_SYS_ADMIN would fail, with nothing but a number.
Result<void> require_privilege(const oci::Spec& spec, const HostFacts& host) {
  const bool privileged = (host.capabilities & capability_bit("CAP_SYS_ADMIN")) != 0;
  if (privileged || spec.find_namespace(oci::NamespaceType::kUser) != nullptr) return {};
  return fail(failed_precondition(
      "rootless container requires user namespaces: none in linux.namespaces (`spec --rootless` "
      "writes a configuration that has one)"));
}

// `run` has no start: its program must not run before others can find the container. Any rendezvous
// sees to that; without one init takes a byte that the parent has long sent.
void wait_for_record(Builder& b) {
  const bool met = std::ranges::any_of(
      b.plan.ops, [](const PlannedOp& op) { return op.kind == OpKind::kRendezvous; });
  if (met) return;
  b.add(OpKind::kRendezvous, Stage::kStart, "wait for the container to be recorded").extra = 1;
  b.plan.waits_for_record = true;
}

void finish(Builder& b) {
  b.plan.ops.insert(b.plan.ops.begin() + static_cast<std::ptrdiff_t>(b.early_at), b.early.begin(),
                    b.early.end());
  b.plan.preserve_fds = b.options.preserve_fds;
}

// Joining a mount namespace leads to its root. A container without one of its own has only been
// chrooted: its root is where its first process has it.
void plan_exec_root(Builder& b, const ContainerFacts& facts) {
  constexpr const char* kWhat = "open the container's root";
  PlannedOp& root = b.add(OpKind::kUseRoot, Stage::kRootfs, kWhat);
  if ((facts.namespaces & CLONE_NEWNS) != 0) return;
  root.slot = b.open({.kind = Opening::Kind::kDirectory, .path = facts.root_path, .what = kWhat});
  b.add(OpKind::kChroot, Stage::kRootfs, "change the root directory");
}

}  // namespace

void plan_sysctls(Builder& b, const oci::Spec& spec) {
  for (const auto& [name, value] : spec.linux_.sysctl) {
    const auto path = oci::sysctl_path(name);
    PlannedOp& op = b.add(OpKind::kWriteProc, Stage::kSecurity,
                          text::join("set sysctl ", text::quote(name), " to ", text::quote(value)));
    op.slot = {Slot::Kind::kProcfs};
    op.text = text::join("sys/", path ? *path : name);
    op.text2 = value;
    b.plan.needs_procfs = true;
  }
}

Result<Plan> make_plan(const oci::Spec& spec, const HostFacts& host, const LaunchOptions& options,
                       const SeccompProgram& seccomp) {
  if (!spec.process) return fail(invalid_argument("config.json: process: missing"));
  NACRE_TRY(refuse_unsupported(spec));
  NACRE_TRY(require_privilege(spec, host));
  Builder b(host, options);
  const ProcessContext context{
      .user_namespace = spec.find_namespace(oci::NamespaceType::kUser) != nullptr,
      .setgroups_denied = setgroups_denied(spec, host),
      .has_seccomp = !seccomp.filter.empty()};
  plan_namespaces(b, spec);
  plan_session(b, spec);
  NACRE_TRY(plan_rootfs(b, spec));
  NACRE_TRY(plan_mounts(b, spec));
  NACRE_TRY(plan_devices(b, spec));
  plan_create_hooks(b, spec, seccomp);
  NACRE_TRY(plan_pivot(b, spec));
  plan_sysctls(b, spec);
  plan_hidden_paths(b, spec);
  if (spec.linux_.personality) plan_personality(b, spec.linux_.personality->domain);
  NACRE_TRY(plan_memory_policy(b, spec));
  NACRE_TRY(plan_process(b, *spec.process, context));
  if (!options.wait_for_start) wait_for_record(b);
  if (options.wait_for_start) {
    b.add(OpKind::kAwaitStart, Stage::kStart, "wait for start").slot = {Slot::Kind::kStartSocket};
  }
  plan_confinement(b, *spec.process, seccomp);
  plan_start_hooks(b, spec);
  plan_exec(b, *spec.process);
  finish(b);
  return std::move(b.plan);
}

Result<Plan> make_exec_plan(const oci::Process& process, const ContainerFacts& facts,
                            const HostFacts& host, const LaunchOptions& options,
                            const SeccompProgram& seccomp) {
  Builder b(host, options);
  const ProcessContext context{.user_namespace = facts.own_user_namespace,
                               .setgroups_denied = facts.setgroups_denied,
                               .is_exec = true,
                               .has_seccomp = !seccomp.filter.empty()};
  b.plan.two_steps = true;
  b.plan.user_namespace = facts.own_user_namespace;
  NACRE_TRY(plan_writes_to_proc(b, process));
  PlannedOp& join = b.add(OpKind::kJoin, Stage::kNamespaces, "join the container's namespaces");
  join.slot = {Slot::Kind::kContainer};
  join.value = facts.namespaces;
  b.add(OpKind::kFork, Stage::kNamespaces, "create the process");
  b.early_at = b.plan.ops.size();
  if (facts.own_user_namespace) {
    if (!process.rlimits.empty()) {
      b.add(OpKind::kRendezvous, Stage::kNamespaces, "wait for the resource limits");
    }
    b.add(OpKind::kBecomeRoot, Stage::kNamespaces, "become root of the user namespace");
  }
  b.add(OpKind::kNewSession, Stage::kNamespaces, "start a session");
  if (!options.no_new_keyring) {
    b.add(OpKind::kKeyring, Stage::kNamespaces, "join the session keyring").text =
        text::join("_ses.", options.id);
  }
  plan_exec_root(b, facts);
  if (process.terminal) plan_console(b, process, false);
  if (seccomp.needs_listener) {
    b.add(OpKind::kRendezvous, Stage::kHooks, "wait for the message to the seccomp agent");
  }
  plan_personality(b, facts.personality);
  NACRE_TRY(plan_process(b, process, context));
  plan_confinement(b, process, seccomp);
  plan_exec(b, process);
  finish(b);
  return std::move(b.plan);
}

}  // namespace nacre::plan
