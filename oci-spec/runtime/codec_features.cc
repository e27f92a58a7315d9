#include "oci-spec/json/codec.h"
#include "oci-spec/runtime/enums.h"
#include "oci-spec/runtime/features.h"

namespace nacre::oci {
namespace {

using json::Writer;

using Words = std::vector<std::string>;

void member(Writer& out, std::string_view key, const Words& words) {
  if (words.empty()) return;
  out.key(key);
  json::Codec<Words>::write(out, words);
}

void member(Writer& out, std::string_view key, std::optional<bool> value) {
  if (!value) return;
  out.key(key);
  out.boolean(*value);
}

// {"enabled": true}
void enabled_object(Writer& out, std::string_view key, std::optional<bool> enabled) {
  if (!enabled) return;
  out.key(key);
  out.begin_object();
  member(out, "enabled", enabled);
  out.end_object();
}

void write(Writer& out, const CgroupFeatures& cgroup) {
  member(out, "v1", cgroup.v1);
  member(out, "v2", cgroup.v2);
  member(out, "systemd", cgroup.systemd);
  member(out, "systemdUser", cgroup.systemd_user);
  member(out, "rdma", cgroup.rdma);
}

void write(Writer& out, const SeccompFeatures& seccomp) {
  member(out, "enabled", seccomp.enabled);
  member(out, "actions", seccomp.actions);
  member(out, "operators", seccomp.operators);
  member(out, "archs", seccomp.archs);
  member(out, "knownFlags", seccomp.known_flags);
  member(out, "supportedFlags", seccomp.supported_flags);
}

void write(Writer& out, const IntelRdtFeatures& rdt) {
  member(out, "enabled", rdt.enabled);
  member(out, "schemata", rdt.schemata);
  member(out, "monitoring", rdt.monitoring);
}

void write(Writer& out, const MemoryPolicyFeatures& policy) {
  member(out, "modes", policy.modes);
  member(out, "flags", policy.flags);
}

void write(Writer& out, const LinuxFeatures& features);

template <class T>
void object(Writer& out, std::string_view key, const T& value) {
  if (value == T{}) return;
  out.key(key);
  out.begin_object();
  write(out, value);
  out.end_object();
}

void write_mount_extensions(Writer& out, std::optional<bool> idmap) {
  if (!idmap) return;
  out.key("mountExtensions");
  out.begin_object();
  enabled_object(out, "idmap", idmap);
  out.end_object();
}

void write(Writer& out, const LinuxFeatures& features) {
  member(out, "namespaces", features.namespaces);
  member(out, "capabilities", features.capabilities);
  object(out, "cgroup", features.cgroup);
  object(out, "seccomp", features.seccomp);
  enabled_object(out, "apparmor", features.apparmor);
  enabled_object(out, "selinux", features.selinux);
  object(out, "intelRdt", features.intel_rdt);
  object(out, "memoryPolicy", features.memory_policy);
  write_mount_extensions(out, features.idmap_mounts);
  enabled_object(out, "netDevices", features.net_devices);
}

template <std::size_t kCount>
Words words_of(const std::string_view (&names)[kCount]) {
  return {std::begin(names), std::end(names)};
}

template <class Value, std::size_t kCount>
Words words_of(const Named<Value> (&table)[kCount]) {
  Words words;
  words.reserve(kCount);
  for (const Named<Value>& row : table) words.emplace_back(row.name);
  return words;
}

}  // namespace

Features known_features() {
  Features features;
  features.hooks = words_of(kHookNames);
  features.linux_.namespaces = words_of(kNamespaceTypes);
  features.linux_.seccomp.actions = words_of(kSeccompActions);
  features.linux_.seccomp.operators = words_of(kSeccompOperators);
  features.linux_.seccomp.archs = words_of(kSeccompArchitectures);
  features.linux_.seccomp.known_flags = words_of(kSeccompFlags);
  features.linux_.memory_policy.modes = words_of(kMemoryPolicyModes);
  features.linux_.memory_policy.flags = words_of(kMemoryPolicyFlags);
  return features;
}

std::string to_json(const Features& features) {
  Writer out("    ");
  out.begin_object();
  out.key("ociVersionMin");
  out.string(features.oci_version_min);
  out.key("ociVersionMax");
  out.string(features.oci_version_max);
  member(out, "hooks", features.hooks);
  member(out, "mountOptions", features.mount_options);
  object(out, "linux", features.linux_);
  if (!features.annotations.empty()) {
    out.key("annotations");
    json::Codec<Annotations>::write(out, features.annotations);
  }
  member(out, "potentiallyUnsafeConfigAnnotations", features.potentially_unsafe_config_annotations);
  out.end_object();
  return std::move(out).take();
}

}  // namespace nacre::oci
