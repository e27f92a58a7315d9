#include <fcntl.h>
#include <linux/mount.h>

#include "base/text.h"
#include "runtime/plan/builder.h"
#include "runtime/plan/mount_options.h"

namespace nacre::plan {
namespace {

bool has_mount_namespace(const oci::Spec& spec) {
  return spec.find_namespace(oci::NamespaceType::kMount) != nullptr;
}

// Nothing may be mounted where the host would see it.
Result<void> refuse_mounts_on_the_host(const oci::Spec& spec) {
  if (!spec.mounts.empty()) {
    return fail(invalid_argument("mounts: a container without a mount namespace cannot have any"));
  }
  if (!spec.linux_.masked_paths.empty() || !spec.linux_.readonly_paths.empty() ||
      spec.root.readonly) {
    return fail(invalid_argument(
        "linux.maskedPaths, linux.readonlyPaths and root.readonly need a mount namespace"));
  }
  return {};
}

std::string absolute_root(const oci::Spec& spec, const LaunchOptions& options) {
  if (spec.root.path.starts_with('/')) return spec.root.path;
  return text::join(options.bundle, '/', spec.root.path);
}

// `shared` cannot hold on the way in: the old root must not learn of the container's mounts. Bind
// sources keep their peer groups all the same, because they are copied before this happens.
std::uint64_t propagation_on_the_way(std::uint64_t wanted) {
  return wanted == MS_PRIVATE || wanted == MS_UNBINDABLE ? MS_PRIVATE : MS_SLAVE;
}

}  // namespace

Result<void> plan_rootfs(Builder& b, const oci::Spec& spec) {
  b.plan.has_root = true;
  b.plan.root_path = absolute_root(spec, b.options);
  const std::string what = text::join("rootfs ", text::quote(b.plan.root_path));
  if (!has_mount_namespace(spec)) {
    NACRE_TRY(refuse_mounts_on_the_host(spec));
    PlannedOp& op = b.add(OpKind::kUseRoot, Stage::kRootfs, what);
    op.slot = b.open({.kind = Opening::Kind::kDirectory, .path = b.plan.root_path, .what = what});
    return {};
  }
  const std::uint64_t wanted = NACRE_TRY(parse_propagation(spec.linux_.rootfs_propagation));
  const std::uint64_t now = propagation_on_the_way(wanted);
  b.add(OpKind::kPropagation, Stage::kRootfs, "cut the mount namespace off from the host's").value =
      now;
  const Slot tree = b.host_tree(b.plan.root_path, true, Stage::kRootfs, what);
  b.add(OpKind::kTakeMount, Stage::kRootfs, what).slot = tree;
  PlannedOp& cut = b.add(OpKind::kSetAttr, Stage::kRootfs, what);
  cut.mode = static_cast<std::uint32_t>(now);
  cut.extra = AT_RECURSIVE;
  b.add(OpKind::kAttachRoot, Stage::kRootfs, what).text = b.plan.root_path;
  return {};
}

Result<void> plan_pivot(Builder& b, const oci::Spec& spec) {
  if (!has_mount_namespace(spec)) {
    b.add(OpKind::kChroot, Stage::kPivot, "change the root directory");
    return {};
  }
  if (b.options.no_pivot) {
    b.add(OpKind::kMoveRoot, Stage::kPivot, "move the root file system to \"/\"");
  } else {
    b.add(OpKind::kPivotRoot, Stage::kPivot, "pivot_root");
  }
  const std::uint64_t wanted = NACRE_TRY(parse_propagation(spec.linux_.rootfs_propagation));
  if (wanted == MS_SHARED || wanted == MS_UNBINDABLE) {
    b.add(OpKind::kRootPropagation, Stage::kPivot,
          text::join("set rootfsPropagation ", spec.linux_.rootfs_propagation))
        .value = wanted;
  }
  if (spec.root.readonly) {
    b.add(OpKind::kReadonlyRoot, Stage::kPivot, "make the root file system read-only");
  }
  return {};
}

}  // namespace nacre::plan
