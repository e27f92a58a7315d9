#include "tests/unit/plan/spec_samples.h"

namespace nacre::plan {

using oci::NamespaceType;

oci::Mount mount_of(std::string type, std::string source, std::string destination,
                    std::vector<std::string> options) {
  oci::Mount mount;
  mount.type = std::move(type);
  mount.source = std::move(source);
  mount.destination = std::move(destination);
  mount.options = std::move(options);
  return mount;
}

oci::Spec small_spec() {
  oci::Spec spec;
  spec.oci_version = "1.3.0";
  spec.root.path = "rootfs";
  spec.hostname = "pearl";
  spec.process.emplace();
  spec.process->args = {"/bin/true"};
  spec.process->env = {"PATH=/bin"};
  spec.process->cwd = "/";
  for (const auto type : {NamespaceType::kPid, NamespaceType::kNetwork, NamespaceType::kIpc,
                          NamespaceType::kUts, NamespaceType::kMount, NamespaceType::kCgroup}) {
    spec.linux_.namespaces.push_back({type, ""});
  }
  spec.mounts.push_back(mount_of("proc", "proc", "/proc", {}));
  spec.mounts.push_back(
      mount_of("tmpfs", "tmpfs", "/dev", {"nosuid", "strictatime", "mode=755", "size=65536k"}));
  return spec;
}

oci::Spec user_namespace_spec() {
  oci::Spec spec = small_spec();
  spec.linux_.namespaces.push_back({NamespaceType::kUser, ""});
  spec.linux_.uid_mappings = {{0, 100000, 65536}};
  spec.linux_.gid_mappings = {{0, 100000, 65536}};
  return spec;
}

HostFacts root_host() {
  HostFacts host;
  host.cgroup_mount = "/sys/fs/cgroup";
  host.kcore = true;
  return host;
}

LaunchOptions launch_options() {
  LaunchOptions options;
  options.id = "c1";
  options.bundle = "/bundle";
  return options;
}

std::vector<PlannedOp> ops_of(const Plan& plan, init::OpKind kind) {
  std::vector<PlannedOp> found;
  for (const PlannedOp& op : plan.ops) {
    if (op.kind == kind) found.push_back(op);
  }
  return found;
}

std::size_t position_of(const Plan& plan, init::OpKind kind) {
  for (std::size_t i = 0; i < plan.ops.size(); ++i) {
    if (plan.ops[i].kind == kind) return i;
  }
  return plan.ops.size();
}

}  // namespace nacre::plan
