#include <fcntl.h>
#include <linux/sched.h>

#include <algorithm>

#include "base/text.h"
#include "oci-spec/runtime/enums.h"
#include "oci-spec/runtime/sysctl.h"
#include "runtime/plan/builder.h"

namespace nacre::plan {
namespace {

using oci::NamespaceType;

std::uint64_t clone_flag(NamespaceType type) {
  switch (type) {
    case NamespaceType::kPid:
      return CLONE_NEWPID;
    case NamespaceType::kNetwork:
      return CLONE_NEWNET;
    case NamespaceType::kMount:
      return CLONE_NEWNS;
    case NamespaceType::kIpc:
      return CLONE_NEWIPC;
    case NamespaceType::kUts:
      return CLONE_NEWUTS;
    case NamespaceType::kUser:
      return CLONE_NEWUSER;
    case NamespaceType::kCgroup:
      return CLONE_NEWCGROUP;
    case NamespaceType::kTime:
      return CLONE_NEWTIME;
  }
  return 0;
}

bool is_new(const oci::Spec& spec, NamespaceType type) {
  const oci::Namespace* ns = spec.find_namespace(type);
  return ns != nullptr && ns->path.empty();
}
bool is_joined(const oci::Spec& spec, NamespaceType type) {
  const oci::Namespace* ns = spec.find_namespace(type);
  return ns != nullptr && !ns->path.empty();
}

// A namespace that is joined may be the host's own, which a parameter must not reach.
bool has_sysctls(const oci::Spec& spec, NamespaceType type) {
  return std::ranges::any_of(spec.linux_.sysctl, [type](const auto& entry) {
    return oci::namespace_of_sysctl(entry.first) == type;
  });
}

void plan_join(Builder& b, const oci::Spec& spec, const oci::Namespace& ns) {
  const std::string what =
      text::join("join ", oci::to_text(ns.type), " namespace ", text::quote(ns.path));
  const Slot slot = b.open({.kind = Opening::Kind::kNamespace,
                            .path = ns.path,
                            .clone_flag = clone_flag(ns.type),
                            .must_not_be_ours = has_sysctls(spec, ns.type),
                            .what = what});
  PlannedOp& op = b.add(OpKind::kJoin, Stage::kNamespaces, what);
  op.slot = slot;
  op.value = clone_flag(ns.type);
}

// The user namespace first: it may be what gives the right to enter the others.
void plan_joins(Builder& b, const oci::Spec& spec) {
  for (const bool user : {true, false}) {
    for (const oci::Namespace& ns : spec.linux_.namespaces) {
      if (!ns.path.empty() && (ns.type == NamespaceType::kUser) == user) plan_join(b, spec, ns);
    }
  }
}

// "monotonic 86400 0": time_namespaces(7). They must be written before anything runs in the
// namespace.
void plan_time_offsets(Builder& b, const oci::Spec& spec) {
  b.add(OpKind::kUnshare, Stage::kNamespaces, "create the time namespace").value = CLONE_NEWTIME;
  std::string lines;
  for (const auto& [clock, offset] : spec.linux_.time_offsets) {
    text::append(lines, clock, ' ', offset.secs, ' ', offset.nanosecs, '\n');
  }
  if (lines.empty()) return;
  PlannedOp& op = b.add(OpKind::kWriteProc, Stage::kNamespaces, "set the time namespace's offsets");
  op.slot = {Slot::Kind::kProcfs};
  op.text = "self/timens_offsets";
  op.text2 = lines;
  b.plan.needs_procfs = true;
}

// What clone3 makes at once. The cgroup namespace is not among it: its root would be the cgroup of
// whoever clones. Nor the time namespace, which takes effect for children only.
std::uint64_t new_at_clone(const oci::Spec& spec) {
  std::uint64_t flags = 0;
  for (const oci::Namespace& ns : spec.linux_.namespaces) {
    if (!ns.path.empty() || ns.type == NamespaceType::kCgroup || ns.type == NamespaceType::kTime) {
      continue;
    }
    flags |= clone_flag(ns.type);
  }
  return flags;
}

bool any_joined(const oci::Spec& spec) {
  for (const oci::Namespace& ns : spec.linux_.namespaces) {
    if (!ns.path.empty()) return true;
  }
  return false;
}

// A joined pid or time namespace holds only for children. A namespace that is joined must be
// entered before a new user namespace takes the right to do so away.
bool needs_two_steps(const oci::Spec& spec) {
  return is_joined(spec, NamespaceType::kPid) || is_joined(spec, NamespaceType::kUser) ||
         spec.find_namespace(NamespaceType::kTime) != nullptr ||
         (is_new(spec, NamespaceType::kUser) && any_joined(spec));
}

}  // namespace

Slot Builder::host_tree(std::string path, bool recursive, Stage stage, std::string what) {
  if (!plan.user_namespace) {
    return open({.kind = Opening::Kind::kTree,
                 .path = std::move(path),
                 .recursive = recursive,
                 .what = std::move(what)});
  }
  const Slot slot = child_made();
  PlannedOp& op = early.emplace_back();
  op.kind = OpKind::kOpenTree;
  op.stage = stage;
  op.slot = slot;
  op.text = std::move(path);
  op.value = recursive ? AT_RECURSIVE : 0;
  op.what = std::move(what);
  return slot;
}

void plan_namespaces(Builder& b, const oci::Spec& spec) {
  const bool new_user = is_new(spec, NamespaceType::kUser);
  b.plan.user_namespace = spec.find_namespace(NamespaceType::kUser) != nullptr;
  b.plan.two_steps = needs_two_steps(spec);
  plan_joins(b, spec);
  if (b.plan.two_steps) {
    if (is_new(spec, NamespaceType::kTime)) plan_time_offsets(b, spec);
    b.add(OpKind::kFork, Stage::kNamespaces, "create the container's first process").value =
        new_at_clone(spec);
  } else {
    b.plan.clone_flags = new_at_clone(spec);
    b.plan.exec_without_maps = new_user;
  }
  b.plan.open_to_parent = new_user && (b.host.euid != 0 || b.host.in_user_namespace);
  if (new_user) b.plan.id_maps = IdMaps{spec.linux_.uid_mappings, spec.linux_.gid_mappings};
  if (b.plan.user_namespace) {
    b.add(OpKind::kRendezvous, Stage::kNamespaces, "wait for the id mappings");
  }
  b.early_at = b.plan.ops.size();
  if (b.plan.user_namespace) {
    b.add(OpKind::kBecomeRoot, Stage::kNamespaces, "become root of the user namespace");
  }
  if (is_new(spec, NamespaceType::kCgroup)) {
    b.add(OpKind::kUnshare, Stage::kNamespaces, "create the cgroup namespace").value =
        CLONE_NEWCGROUP;
  }
}

void plan_session(Builder& b, const oci::Spec& spec) {
  b.add(OpKind::kNewSession, Stage::kNamespaces, "start a session");
  if (!b.options.no_new_keyring) {
    b.add(OpKind::kKeyring, Stage::kNamespaces, "join a session keyring").text =
        text::join("_ses.", b.options.id);
  }
  if (is_new(spec, NamespaceType::kNetwork)) {
    b.add(OpKind::kLoopbackUp, Stage::kNamespaces, "bring the loopback device up");
  }
  if (!spec.hostname.empty()) {
    b.add(OpKind::kHostname, Stage::kNamespaces,
          text::join("set the hostname to ", text::quote(spec.hostname)))
        .text = spec.hostname;
  }
  if (!spec.domainname.empty()) {
    b.add(OpKind::kDomainname, Stage::kNamespaces,
          text::join("set the domainname to ", text::quote(spec.domainname)))
        .text = spec.domainname;
  }
}

}  // namespace nacre::plan
