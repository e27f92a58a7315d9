#include "runtime/state/container_cgroup.h"

namespace nacre::state {

Result<std::optional<ContainerCgroup>> open_cgroup(const Record& record) {
  if (record.cgroup_path.empty()) return std::nullopt;
  auto hierarchy = cgroups::find_hierarchy();
  if (!hierarchy && hierarchy.error().code() == ErrorCode::kNotFound) return std::nullopt;
  if (!hierarchy) return fail(hierarchy.error());
  auto cgroup = cgroups::Cgroup::open(*hierarchy, record.cgroup_path);
  if (!cgroup && cgroup.error().code() == ErrorCode::kNotFound) return std::nullopt;
  if (!cgroup) return fail(cgroup.error());
  return ContainerCgroup{*std::move(hierarchy), *std::move(cgroup)};
}

}  // namespace nacre::state
