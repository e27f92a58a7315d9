// The plan under construction. Each plan_*.cc contributes its part of the operations, in the order
// of make_plan.cc.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/plan/make_plan.h"

namespace nacre::plan {

using init::OpKind;
using init::Stage;

class Builder {
 public:
  Builder(const HostFacts& host_facts, const LaunchOptions& launch_options)
      : host(host_facts), options(launch_options) {}

  // Appends an operation; the caller fills in the fields that the kind needs.
  PlannedOp& add(OpKind kind, Stage stage, std::string what) {
    PlannedOp& op = plan.ops.emplace_back();
    op.kind = kind;
    op.stage = stage;
    op.what = std::move(what);
    return op;
  }
  Slot open(Opening opening) {
    plan.openings.push_back(std::move(opening));
    return {Slot::Kind::kOpening, static_cast<std::uint32_t>(plan.openings.size() - 1)};
  }
  Slot child_made() { return {Slot::Kind::kChildMade, plan.child_made++}; }

  // A detached copy of a host path: by the parent, or in a user namespace by init while it still
  // has the host's ids.
  Slot host_tree(std::string path, bool recursive, Stage stage, std::string what);

  const HostFacts& host;
  const LaunchOptions& options;
  Plan plan;
  // What init must open before its ids change, although what needs it is planned later: put in at
  // `early_at` at the end.
  std::vector<PlannedOp> early;
  std::size_t early_at = 0;
};

void plan_namespaces(Builder&, const oci::Spec&);
void plan_session(Builder&, const oci::Spec&);
[[nodiscard]] Result<void> plan_rootfs(Builder&, const oci::Spec&);
[[nodiscard]] Result<void> plan_mounts(Builder&, const oci::Spec&);
[[nodiscard]] Result<void> plan_devices(Builder&, const oci::Spec&);
void plan_console(Builder&, const oci::Process&, bool bind_console);
void plan_create_hooks(Builder&, const oci::Spec&, const SeccompProgram&);
void plan_start_hooks(Builder&, const oci::Spec&);
[[nodiscard]] Result<void> plan_pivot(Builder&, const oci::Spec&);
void plan_sysctls(Builder&, const oci::Spec&);
void plan_hidden_paths(Builder&, const oci::Spec&);

struct ProcessContext {
  bool user_namespace = false;
  bool setgroups_denied = false;  // one own id mapped without privilege
  bool is_exec = false;
  bool has_seccomp = false;
};
// oom_score_adj and labels through the private procfs, which is closed then. For exec by the
// process that is still outside of the container's pid namespace: nobody in there can take the
// descriptor from it (pidfd_getfd, CAP_SYS_PTRACE), and what is set is inherited.
[[nodiscard]] Result<void> plan_writes_to_proc(Builder&, const oci::Process&);
[[nodiscard]] Result<void> plan_process(Builder&, const oci::Process&, const ProcessContext&);
void plan_confinement(Builder&, const oci::Process&, const SeccompProgram&);
void plan_exec(Builder&, const oci::Process&);
[[nodiscard]] std::vector<std::string> process_environment(const oci::Process&,
                                                           const LaunchOptions&);

}  // namespace nacre::plan
