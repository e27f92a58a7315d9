#include "runtime/setup/container_cgroup.h"

#include <algorithm>

#include "base/text.h"
#include "cgroups/device_program.h"
#include "cgroups/path.h"
#include "sys/process.h"

namespace nacre::setup {
namespace {

constexpr const char* kUnable = "unable to apply cgroup configuration";

bool is_permission(const Error& error) {
  return error.sys_errno() == EACCES || error.sys_errno() == EPERM || error.sys_errno() == EROFS;
}

std::vector<oci::DeviceRule> all_rules(const oci::Spec& spec) {
  std::vector<oci::DeviceRule> rules;
  if (spec.linux_.resources) rules = spec.linux_.resources->devices;
  for (oci::DeviceRule& rule : cgroups::default_device_rules()) rules.push_back(std::move(rule));
  return rules;
}

Result<void> guard_devices(const cgroups::Cgroup& cgroup, const oci::Spec& spec) {
  const auto program = NACRE_TRY(cgroups::compile_device_program(all_rules(spec)));
  const bool in_user_namespace = sys::geteuid() != 0;
  static_cast<void>(NACRE_TRY(cgroups::guard_devices(cgroup.dir(), program, in_user_namespace)));
  return {};
}

std::optional<std::uint32_t> host_id_of_root(const std::vector<oci::IdMapping>& map) {
  for (const oci::IdMapping& entry : map) {
    if (entry.container_id == 0) return entry.host_id;
  }
  return std::nullopt;
}

bool has_writable_cgroup_mount(const oci::Spec& spec) {
  return std::ranges::any_of(spec.mounts, [](const oci::Mount& mount) {
    const bool cgroup = mount.type == "cgroup" || mount.type == "cgroup2";
    return cgroup && std::ranges::find(mount.options, "ro") == mount.options.end();
  });
}

// The root of a container with its own user and cgroup namespaces owns its cgroup when the spec
// lets it write there (runtime-spec config-linux.md, "Cgroup ownership").
Result<void> delegate(const cgroups::Cgroup& cgroup, const oci::Spec& spec) {
  const oci::Namespace* own = spec.find_namespace(oci::NamespaceType::kCgroup);
  const auto uid = host_id_of_root(spec.linux_.uid_mappings);
  if (own == nullptr || !own->path.empty() || !uid || !has_writable_cgroup_mount(spec)) return {};
  const auto gid = host_id_of_root(spec.linux_.gid_mappings);
  return cgroup.delegate(*uid, gid.value_or(~std::uint32_t{0}));
}

Result<cgroups::Cgroup> make_directory(const cgroups::Hierarchy& hierarchy,
                                       const ContainerCgroup& place) {
  auto made = cgroups::Cgroup::create(hierarchy, place.path, place.settings);
  if (made || !is_permission(made.error()) || sys::geteuid() == 0) return made;
  return fail(std::move(made).error().with_context(
      "rootless needs no limits + no cgrouppath when no permission is granted for cgroups"));
}

}  // namespace

Result<ContainerCgroup> plan_cgroup(const oci::Spec& spec, std::string_view id,
                                    std::string_view manager, bool systemd, bool rootless) {
  ContainerCgroup place;
  if (spec.linux_.resources) {
    place.settings = NACRE_TRY(cgroups::settings_for(*spec.linux_.resources));
  }
  const bool asked = !place.settings.empty() || !spec.linux_.cgroups_path.empty();
  if (systemd || manager == "systemd") {
    return fail(unsupported("the systemd cgroup manager is not supported yet: use cgroupfs"));
  }
  place.manager = manager;
  if (manager == "disabled") {
    if (place.settings.empty()) return place;
    return fail(failed_precondition(text::join("cannot set ", place.settings.front().field,
                                               ": the cgroup manager is disabled")));
  }
  auto hierarchy = cgroups::find_hierarchy();
  if (!hierarchy) {
    if (!asked) return place;
    return std::unexpected(std::move(hierarchy).error());
  }
  const std::string own = NACRE_TRY(cgroups::own_cgroup());
  place.path = NACRE_TRY(cgroups::container_path(spec.linux_.cgroups_path, id, own));
  place.hierarchy = std::move(*hierarchy);
  place.optional = rootless && !asked;
  // Before anything is recorded: what belongs to others must never be in reach of our own cleaning
  // up.
  const auto existing = cgroups::Cgroup::open(*place.hierarchy, place.path);
  if (!existing) return place;
  auto empty = existing->require_empty();
  if (empty) return place;
  if (!place.optional) return fail(std::move(empty).error().with_context(kUnable));
  place.path.clear();  // a container of root's has the name; this one does without
  return place;
}

Result<void> make_cgroup(ContainerCgroup& place, const oci::Spec& spec) {
  if (place.path.empty() || !place.hierarchy) return {};
  auto made = make_directory(*place.hierarchy, place);
  if (!made) {
    if (place.optional && is_permission(made.error())) return {};
    return std::unexpected(std::move(made).error());
  }
  if (!made->created()) {
    const auto empty = made->require_empty();
    if (!empty) {
      place.path.clear();  // taken by somebody in between: theirs
      return empty;
    }
  }
  place.cgroup.emplace(std::move(*made));
  NACRE_TRY(place.cgroup->apply(place.settings));
  NACRE_TRY(delegate(*place.cgroup, spec));
  return guard_devices(*place.cgroup, spec);
}

}  // namespace nacre::setup
