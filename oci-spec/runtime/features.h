// What a runtime says of itself: the document of the `features` command, runtime-spec features.md.
//
// Plain values and their JSON. An empty list is left out of the document, as the spec's Go type
// does: "not known" and "nothing" look the same there. Who knows what the program can do fills it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "oci-spec/runtime/spec.h"

namespace nacre::oci {

// The versions of config.json that parse_spec and validate understand.
inline constexpr const char* kOciVersionMin = "1.0.0";
inline constexpr const char* kOciVersionMax = "1.3.0";

struct CgroupFeatures {
  std::optional<bool> v1;
  std::optional<bool> v2;
  std::optional<bool> systemd;
  std::optional<bool> systemd_user;
  std::optional<bool> rdma;
  bool operator==(const CgroupFeatures&) const = default;
};

struct SeccompFeatures {
  std::optional<bool> enabled;
  std::vector<std::string> actions;
  std::vector<std::string> operators;
  std::vector<std::string> archs;
  std::vector<std::string> known_flags;
  std::vector<std::string> supported_flags;  // by this kernel too
  bool operator==(const SeccompFeatures&) const = default;
};

struct IntelRdtFeatures {
  std::optional<bool> enabled;
  std::optional<bool> schemata;
  std::optional<bool> monitoring;
  bool operator==(const IntelRdtFeatures&) const = default;
};

struct MemoryPolicyFeatures {
  std::vector<std::string> modes;
  std::vector<std::string> flags;
  bool operator==(const MemoryPolicyFeatures&) const = default;
};

struct LinuxFeatures {
  std::vector<std::string> namespaces;
  std::vector<std::string> capabilities;
  CgroupFeatures cgroup;
  SeccompFeatures seccomp;
  std::optional<bool> apparmor;
  std::optional<bool> selinux;
  IntelRdtFeatures intel_rdt;
  MemoryPolicyFeatures memory_policy;
  std::optional<bool> idmap_mounts;  // mountExtensions.idmap
  std::optional<bool> net_devices;
  bool operator==(const LinuxFeatures&) const = default;
};

struct Features {
  std::string oci_version_min = kOciVersionMin;
  std::string oci_version_max = kOciVersionMax;
  std::vector<std::string> hooks;
  std::vector<std::string> mount_options;
  LinuxFeatures linux_;
  Annotations annotations;
  std::vector<std::string> potentially_unsafe_config_annotations;  // "x." stands for a prefix
};

// The parts that follow from what this module parses and validates: hook names, namespaces,
// seccomp's words, memory policies, the spec's versions. The caller adds what the program does.
[[nodiscard]] Features known_features();

// Indented by four blanks, no newline at the end.
[[nodiscard]] std::string to_json(const Features& features);

}  // namespace nacre::oci
