#include "runtime/setup/container_cgroup.h"

#include "base/text.h"
#include "cgroups/device_program.h"
#include "cgroups/path.h"
#include "sys/process.h"

namespace nacre::setup {
namespace {

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
  NACRE_TRY(cgroups::guard_devices(cgroup.dir(), program, in_user_namespace));
  return {};
}

Result<cgroups::Cgroup> make_directory(const ContainerCgroup& place) {
  auto made = cgroups::Cgroup::create(*place.hierarchy, place.path, place.settings);
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
  return place;
}

Result<void> make_cgroup(ContainerCgroup& place, const oci::Spec& spec) {
  if (place.path.empty()) return {};
  auto made = make_directory(place);
  if (!made) {
    if (place.optional && is_permission(made.error())) return {};
    return std::unexpected(std::move(made).error());
  }
  if (!made->created()) NACRE_TRY(made->require_empty());
  place.cgroup.emplace(std::move(*made));
  NACRE_TRY(place.cgroup->apply(place.settings));
  return guard_devices(*place.cgroup, spec);
}

}  // namespace nacre::setup
