#include "oci-spec/runtime/validate.h"

#include <algorithm>

#include "oci-spec/runtime/checks.h"

namespace nacre::oci {

using checks::refuse;

namespace {

bool is_number(std::string_view part) {
  // Semantic Versioning 2.0.0, 2: no leading zeros.
  return text::parse_u32(part).has_value() && (part.size() == 1 || part.front() != '0');
}

// 1.MINOR.PATCH with an optional -pre.release and +build. Within a major version the spec keeps
// compatibility, and what a newer minor one adds are keys to be ignored.
bool is_version_1(std::string_view version) {
  const std::size_t end = version.find_first_of("-+");
  const auto parts = text::split(version.substr(0, end), '.');
  if (end != std::string_view::npos && end + 1 == version.size()) return false;
  return parts.size() == 3 && parts[0] == "1" && is_number(parts[1]) && is_number(parts[2]);
}

Result<void> check_version(const Spec& spec) {
  if (is_version_1(spec.oci_version)) return {};
  return refuse("ociVersion", "unsupported OCI version ", json::excerpt(spec.oci_version));
}

Result<void> check_root(const Spec& spec) {
  if (!spec.root.path.empty()) return {};
  return refuse("root.path", "must not be empty");
}

Result<void> check_process(const Spec& spec) {
  if (!spec.process) return refuse("process", "must not be empty");
  return validate_process(*spec.process);
}

// hostname(7): the kernel keeps 64 bytes.
Result<void> check_uts_name(std::string_view place, std::string_view name, const Spec& spec) {
  constexpr std::size_t kLongest = 64;
  if (name.empty()) return {};
  if (spec.find_namespace(NamespaceType::kUts) == nullptr)
    return refuse(place, "unable to set ", place, " without a private UTS namespace");
  if (name.size() > kLongest) return refuse(place, "longer than ", kLongest, " bytes");
  return {};
}

Result<void> check_uts_names(const Spec& spec) {
  NACRE_TRY(check_uts_name("hostname", spec.hostname, spec));
  return check_uts_name("domainname", spec.domainname, spec);
}

Result<void> check_mount(const std::string& place, const Mount& mount) {
  if (mount.destination.empty()) return refuse(place + ".destination", "must not be empty");
  if (mount.uid_mappings.empty() != mount.gid_mappings.empty())
    return refuse(place, "id-mapped mounts must have both uid and gid mappings specified");
  NACRE_TRY(checks::check_mappings(place + ".uidMappings", mount.uid_mappings));
  return checks::check_mappings(place + ".gidMappings", mount.gid_mappings);
}

Result<void> check_mounts(const Spec& spec) {
  for (std::size_t i = 0; i < spec.mounts.size(); ++i)
    NACRE_TRY(check_mount(checks::element("mounts", i), spec.mounts[i]));
  return {};
}

Result<void> check_hook(const std::string& place, const Hook& hook) {
  if (!checks::is_absolute(hook.path)) return refuse(place + ".path", "must be an absolute path");
  if (hook.timeout && *hook.timeout <= 0)
    return refuse(place + ".timeout", "must be greater than zero");
  return checks::check_env(place + ".env", hook.env);
}

Result<void> check_hooks(const Spec& spec) {
  struct Kind {
    std::string_view place;
    const std::vector<Hook>& hooks;
  };
  const Hooks& all = spec.hooks;
  for (const Kind& kind :
       {Kind{"hooks.prestart", all.prestart}, Kind{"hooks.createRuntime", all.create_runtime},
        Kind{"hooks.createContainer", all.create_container},
        Kind{"hooks.startContainer", all.start_container}, Kind{"hooks.poststart", all.poststart},
        Kind{"hooks.poststop", all.poststop}}) {
    for (std::size_t i = 0; i < kind.hooks.size(); ++i)
      NACRE_TRY(check_hook(checks::element(kind.place, i), kind.hooks[i]));
  }
  return {};
}

Result<void> check_annotations(const Spec& spec) {
  if (!spec.annotations.contains("")) return {};
  return refuse("annotations", "a key must not be empty");
}

using Check = Result<void> (*)(const Spec&);
constexpr Check kChecks[] = {
    check_version,
    check_root,
    check_process,
    check_uts_names,
    check_mounts,
    check_hooks,
    check_annotations,
    checks::check_namespaces,
    checks::check_user_namespace,
    checks::check_time_namespace,
    checks::check_sysctls,
    checks::check_paths,
    checks::check_devices,
    checks::check_net_devices,
    checks::check_propagation,
    checks::check_intel_rdt,
    checks::check_memory_policy,
    checks::check_personality,
    checks::check_seccomp,
    checks::check_resources,
};

bool is_id_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_+-.").find(c) != std::string_view::npos;
}

}  // namespace

Result<void> validate(const Spec& spec) {
  for (const Check check : kChecks) NACRE_TRY_CTX(check(spec), "config.json");
  return {};
}

Result<void> validate_id(std::string_view id) {
  constexpr std::size_t kLongest = 255;
  const bool good = !id.empty() && id.size() <= kLongest && id != "." && id != ".." &&
                    std::all_of(id.begin(), id.end(), is_id_char);
  if (!good) return fail(invalid_argument("invalid container ID format"));
  return {};
}

}  // namespace nacre::oci
