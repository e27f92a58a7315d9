// What the validators share. Internal to oci-spec/runtime.
//
// `place` is the JSON path of the value that is looked at: "linux.uidMappings".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "oci-spec/json/path.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::oci::checks {

// invalid_argument: `<place>: <parts...>`
template <class... Parts>
std::unexpected<Error> refuse(std::string_view place, const Parts&... parts) {
  return fail(invalid_argument(text::join(place, ": ", parts...)));
}

std::string element(std::string_view place, std::size_t index);

inline bool is_absolute(std::string_view path) { return path.starts_with('/'); }
bool has_dot_dot(std::string_view path);  // a ".." component

// NAME=VALUE with a name; the spec follows IEEE Std 1003.1's environ.
Result<void> check_env(std::string_view place, const std::vector<std::string>& env);

// "0-3,7": what the kernel takes as a list of CPUs or nodes. Empty is not one.
bool is_number_list(std::string_view list);

// Sizes are positive, ends stay within 2^32, no id is mapped twice.
Result<void> check_mappings(std::string_view place, const std::vector<IdMapping>& mappings);

// A device number as the kernel's dev_t has it: 12 bits and 20 bits.
Result<void> check_device_number(std::string_view place, std::int64_t major, std::int64_t minor);

// linux.*, each a group of rules that belong together. `spec` for what depends on other parts.
Result<void> check_namespaces(const Spec& spec);
Result<void> check_user_namespace(const Spec& spec);
Result<void> check_time_namespace(const Spec& spec);
Result<void> check_sysctls(const Spec& spec);
Result<void> check_paths(const Spec& spec);
Result<void> check_devices(const Spec& spec);
Result<void> check_net_devices(const Spec& spec);
Result<void> check_propagation(const Spec& spec);
Result<void> check_intel_rdt(const Spec& spec);
Result<void> check_memory_policy(const Spec& spec);
Result<void> check_personality(const Spec& spec);
Result<void> check_seccomp(const Spec& spec);
Result<void> check_resources(const Spec& spec);

}  // namespace nacre::oci::checks
