#include <algorithm>
#include <bitset>

#include "oci-spec/runtime/checks.h"
#include "oci-spec/runtime/enums.h"
#include "oci-spec/runtime/sysctl.h"

namespace nacre::oci::checks {

Result<void> check_namespaces(const Spec& spec) {
  std::bitset<std::size(kNamespaceTypes)> seen;
  for (std::size_t i = 0; i < spec.linux_.namespaces.size(); ++i) {
    const Namespace& ns = spec.linux_.namespaces[i];
    const std::string place = element("linux.namespaces", i);
    const auto bit = static_cast<std::size_t>(ns.type);
    if (seen.test(bit))
      return refuse(place, "malformed spec file: duplicated ns ", json::excerpt(to_text(ns.type)));
    seen.set(bit);
    if (!ns.path.empty() && !is_absolute(ns.path))
      return refuse(place + ".path", "must be an absolute path");
  }
  return {};
}

// With a path the mappings are those of the namespace that is joined; callers repeat them
// (containerd, CRI-O), so that they are no error there.
Result<void> check_user_namespace(const Spec& spec) {
  const Linux& config = spec.linux_;
  const Namespace* user = spec.find_namespace(NamespaceType::kUser);
  const bool any = !config.uid_mappings.empty() || !config.gid_mappings.empty();
  if (user == nullptr) {
    if (!any) return {};
    return refuse(config.uid_mappings.empty() ? "linux.gidMappings" : "linux.uidMappings",
                  "user namespace mappings specified, but user namespace isn't enabled in the "
                  "config");
  }
  if (user->path.empty() && !any)
    return refuse("linux.uidMappings",
                  "user namespaces enabled, but no namespace path to join nor mappings to apply "
                  "specified");
  if (user->path.empty() && config.uid_mappings.empty())
    return refuse("linux.uidMappings", "a new user namespace needs at least one mapping");
  if (user->path.empty() && config.gid_mappings.empty())
    return refuse("linux.gidMappings", "a new user namespace needs at least one mapping");
  NACRE_TRY(check_mappings("linux.uidMappings", config.uid_mappings));
  return check_mappings("linux.gidMappings", config.gid_mappings);
}

// time_namespaces(7): the offsets of a namespace are fixed once a process is in it.
Result<void> check_time_namespace(const Spec& spec) {
  constexpr std::uint32_t kNanosecondsEnd = 1'000'000'000;
  constexpr std::string_view kPlace = "linux.timeOffsets";
  if (spec.linux_.time_offsets.empty()) return {};
  const Namespace* time = spec.find_namespace(NamespaceType::kTime);
  if (time == nullptr)
    return refuse(kPlace,
                  "time namespace offsets specified, but time namespace isn't enabled in the "
                  "config");
  if (!time->path.empty())
    return refuse(kPlace,
                  "time namespace enabled, but both namespace path and time offsets specified");
  for (const auto& [clock, offset] : spec.linux_.time_offsets) {
    if (clock != "monotonic" && clock != "boottime")
      return refuse(kPlace, "unknown clock ", json::excerpt(clock));
    if (offset.nanosecs >= kNanosecondsEnd)
      return refuse(text::join(kPlace, '.', clock, ".nanosecs"), offset.nanosecs,
                    " is a second or more");
  }
  return {};
}

Result<void> check_sysctls(const Spec& spec) {
  for (const auto& [name, value] : spec.linux_.sysctl)
    NACRE_TRY_CTX(check_sysctl(name, spec), "linux.sysctl");
  return {};
}

namespace {

Result<void> check_path_list(std::string_view place, const std::vector<std::string>& paths,
                             const Spec& spec) {
  if (paths.empty()) return {};
  if (spec.find_namespace(NamespaceType::kMount) == nullptr)
    return refuse(place, "unable to restrict sys entries without a private MNT namespace");
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!is_absolute(paths[i])) return refuse(element(place, i), "must be an absolute path");
  }
  return {};
}

Result<void> check_device(const std::string& place, const Device& device) {
  constexpr std::string_view kTypes[] = {"b", "c", "u", "p"};
  if (!is_known(kTypes, device.type))
    return refuse(place + ".type", "invalid device type ", json::excerpt(device.type));
  if (!is_absolute(device.path)) return refuse(place + ".path", "must be an absolute path");
  if (has_dot_dot(device.path)) return refuse(place + ".path", "must not contain \"..\"");
  // Two devices at one path are no error: the later one wins, as with runc.
  return check_device_number(place, device.major, device.minor);
}

// What the kernel takes as the name of an interface (dev_valid_name).
bool is_interface_name(std::string_view name) {
  constexpr std::size_t kLongest = 15;  // IFNAMSIZ without its NUL
  constexpr std::string_view kRefused = "/: \t\n\v\f\r";
  return !name.empty() && name.size() <= kLongest && name != "." && name != ".." &&
         name.find_first_of(kRefused) == std::string_view::npos;
}

}  // namespace

Result<void> check_paths(const Spec& spec) {
  NACRE_TRY(check_path_list("linux.maskedPaths", spec.linux_.masked_paths, spec));
  return check_path_list("linux.readonlyPaths", spec.linux_.readonly_paths, spec);
}

Result<void> check_devices(const Spec& spec) {
  for (std::size_t i = 0; i < spec.linux_.devices.size(); ++i)
    NACRE_TRY(check_device(element("linux.devices", i), spec.linux_.devices[i]));
  return {};
}

Result<void> check_net_devices(const Spec& spec) {
  constexpr std::string_view kPlace = "linux.netDevices";
  if (spec.linux_.net_devices.empty()) return {};
  if (spec.find_namespace(NamespaceType::kNetwork) == nullptr)
    return refuse(kPlace, "unable to move network devices without a NET namespace");
  for (const auto& [name, device] : spec.linux_.net_devices) {
    if (!is_interface_name(name))
      return refuse(kPlace, "invalid network device name ", json::excerpt(name));
    if (!device.name.empty() && !is_interface_name(device.name))
      return refuse(kPlace, "invalid network device name ", json::excerpt(device.name));
  }
  return {};
}

Result<void> check_propagation(const Spec& spec) {
  const std::string& value = spec.linux_.rootfs_propagation;
  if (value.empty() || is_known(kPropagations, value)) return {};
  return refuse("linux.rootfsPropagation", "rootfsPropagation=", json::excerpt(value),
                " is not supported");
}

// The id is the name of a directory in resctrl; "/" alone is its root.
Result<void> check_intel_rdt(const Spec& spec) {
  if (!spec.linux_.intel_rdt) return {};
  const std::string& id = spec.linux_.intel_rdt->clos_id;
  const bool bad = id == "." || id == ".." || (id.size() > 1 && id.find('/') != std::string::npos);
  if (bad) return refuse("linux.intelRdt.closID", "invalid intelRdt.ClosID ", json::excerpt(id));
  return {};
}

Result<void> check_memory_policy(const Spec& spec) {
  constexpr std::string_view kPlace = "linux.memoryPolicy";
  constexpr std::string_view kNeedNodes[] = {"MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_PREFERRED_MANY",
                                             "MPOL_WEIGHTED_INTERLEAVE"};
  if (!spec.linux_.memory_policy) return {};
  const MemoryPolicy& policy = *spec.linux_.memory_policy;
  if (!is_known(kMemoryPolicyModes, policy.mode))
    return refuse(kPlace, "invalid memory policy mode ", json::excerpt(policy.mode));
  for (const std::string& flag : policy.flags) {
    if (!is_known(kMemoryPolicyFlags, flag))
      return refuse(kPlace, "invalid memory policy flag ", json::excerpt(flag));
  }
  if (!policy.nodes.empty() && !is_number_list(policy.nodes))
    return refuse(kPlace, "invalid memory policy nodes ", json::excerpt(policy.nodes));
  const bool without = policy.mode == "MPOL_DEFAULT" || policy.mode == "MPOL_LOCAL";
  if (without && !policy.nodes.empty())
    return refuse(kPlace, "invalid memory policy: ", policy.mode, " takes no nodes");
  if (policy.nodes.empty() && is_known(kNeedNodes, policy.mode))
    return refuse(kPlace, "invalid memory policy: ", policy.mode, " needs at least one node");
  return {};
}

Result<void> check_personality(const Spec& spec) {
  if (!spec.linux_.personality) return {};
  const Personality& personality = *spec.linux_.personality;
  if (!is_known(kPersonalityDomains, personality.domain))
    return refuse("linux.personality.domain", "invalid personality domain ",
                  json::excerpt(personality.domain));
  // The spec defines none yet. Asked for and not given is an error.
  if (!personality.flags.empty())
    return refuse("linux.personality.flags", "unknown personality flag ",
                  json::excerpt(personality.flags.front()));
  return {};
}

}  // namespace nacre::oci::checks
