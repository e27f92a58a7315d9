// Kernel parameters: how their names are spelled, and which of them belong to a namespace.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::oci {

// The file below /proc/sys: "net.ipv4.conf.eno2/100.forwarding" is
// net/ipv4/conf/eno2.100/forwarding. As in sysctl.d(5), a name whose first separator is a slash has
// slashes for separators already. Never has an empty, "." or ".." component, so that it cannot
// leave the directory that its prefix says. Fails with invalid_argument for any other name.
[[nodiscard]] Result<std::string> sysctl_path(std::string_view name);

// The kind of namespace that holds the parameter; nothing for what belongs to no namespace.
[[nodiscard]] std::optional<NamespaceType> namespace_of_sysctl(std::string_view name);

// Fails unless the container has a namespace of its own that holds the parameter; a namespace that
// is joined by path counts.
[[nodiscard]] Result<void> check_sysctl(std::string_view name, const Spec& spec);

}  // namespace nacre::oci
