// containerd's hosts.toml: which hosts serve a registry, in which order, with which settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/registry/endpoint.h"

namespace nacre::images::registry {

// The folders below a certs.d directory that may hold a registry's file, best first:
// "host_port_", "host:port", "_default". invalid_argument when `registry` is no host.
[[nodiscard]] Result<std::vector<std::string>> hosts_folders(std::string_view registry);

// Every host in the order of the file, then the server itself. Paths of certificates are relative
// to `folder`, the directory of the file. `registry` and `repository` are what was asked for.
[[nodiscard]] Result<std::vector<Endpoint>> parse_hosts_toml(std::string_view bytes,
                                                             const std::string& folder,
                                                             std::string_view registry,
                                                             std::string_view repository);

// Go's spelling of a span of time: "30s", "1m30s", "1.5h", "250ms".
[[nodiscard]] std::optional<Milliseconds> parse_duration(std::string_view text);

}  // namespace nacre::images::registry
