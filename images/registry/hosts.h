// The ordered list of hosts for one repository, from whatever configuration there is.
//
// For a registry that has a folder with hosts.toml in a certs.d directory that file decides (also
// `_default`); otherwise registries.conf, if it says anything about the name; otherwise the
// registry itself. `blocked` in registries.conf holds in any case. Certificates in docker's and the
// containers tools' certs.d folders are added to what nothing else has set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/registry/endpoint.h"
#include "images/registry/environment.h"
#include "images/registry/registries_conf.h"

namespace nacre::images::registry {

// All of registries.conf and its drop-in files. A file that is not there is as if empty.
[[nodiscard]] Result<RegistriesConf> load_registries_conf(const ConfigPaths& paths);

[[nodiscard]] Result<std::vector<Endpoint>> load_endpoints(const ConfigPaths& paths,
                                                           std::string_view registry,
                                                           std::string_view repository,
                                                           bool by_digest);

}  // namespace nacre::images::registry
