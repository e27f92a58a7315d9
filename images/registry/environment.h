// What the caller's environment says about registries: where configuration and credentials stand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nacre::images::registry {

struct Environment {
  std::string home;
  std::string path;
  std::string docker_config;       // $DOCKER_CONFIG: a directory
  std::string registry_auth_file;  // $REGISTRY_AUTH_FILE
  std::string xdg_runtime_dir;
  std::string xdg_config_home;
  std::string registries_conf;  // $CONTAINERS_REGISTRIES_CONF
  std::uint32_t uid = 0;

  // Of this process. Not to be called while another thread changes the environment.
  [[nodiscard]] static Environment current();
};

struct ConfigPaths {
  // Directories with a folder for each registry that holds a hosts.toml, first come first served.
  std::vector<std::string> hosts_dirs;
  // Directories with a folder for each registry that holds *.crt, *.cert and *.key.
  std::vector<std::string> certs_dirs;
  std::string registries_conf;                    // "" when there is none
  std::vector<std::string> registries_conf_dirs;  // their *.conf files come after it, by name
};
// What is there is not looked at, except which of two registries.conf exists.
[[nodiscard]] ConfigPaths config_paths(const Environment& environment);

struct AuthFile {
  std::string path;
  bool required = false;  // named by the caller: it must exist
};
// Most telling first.
[[nodiscard]] std::vector<AuthFile> auth_files(const Environment& environment);

}  // namespace nacre::images::registry
