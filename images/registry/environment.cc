#include "images/registry/environment.h"

#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "sys/file.h"
#include "sys/process.h"

namespace nacre::images::registry {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string config_home(const Environment& environment) {
  if (!environment.xdg_config_home.empty()) return environment.xdg_config_home;
  return environment.home.empty() ? std::string() : environment.home + "/.config";
}

std::string choose_registries_conf(const Environment& environment) {
  if (!environment.registries_conf.empty()) return environment.registries_conf;
  if (environment.uid != 0 && !config_home(environment).empty()) {
    std::string own = config_home(environment) + "/containers/registries.conf";
    if (sys::faccessat2(sys::kCwd, own.c_str(), F_OK, 0)) return own;
  }
  return "/etc/containers/registries.conf";
}

}  // namespace

Environment Environment::current() {
  return {.home = variable("HOME"),
          .path = variable("PATH"),
          .docker_config = variable("DOCKER_CONFIG"),
          .registry_auth_file = variable("REGISTRY_AUTH_FILE"),
          .xdg_runtime_dir = variable("XDG_RUNTIME_DIR"),
          .xdg_config_home = variable("XDG_CONFIG_HOME"),
          .registries_conf = variable("CONTAINERS_REGISTRIES_CONF"),
          .uid = sys::geteuid()};
}

ConfigPaths config_paths(const Environment& environment) {
  ConfigPaths out;
  const bool own = environment.uid != 0 && !config_home(environment).empty();
  if (own) out.hosts_dirs.push_back(config_home(environment) + "/nacre/certs.d");
  out.hosts_dirs.insert(out.hosts_dirs.end(), {"/etc/nacre/certs.d", "/etc/containerd/certs.d"});
  if (own) out.certs_dirs.push_back(config_home(environment) + "/containers/certs.d");
  out.certs_dirs.insert(out.certs_dirs.end(), {"/etc/docker/certs.d", "/etc/containers/certs.d"});
  out.registries_conf = choose_registries_conf(environment);
  // A file that was named explicitly stands alone.
  if (!environment.registries_conf.empty()) return out;
  out.registries_conf_dirs.emplace_back("/etc/containers/registries.conf.d");
  if (own)
    out.registries_conf_dirs.push_back(config_home(environment) + "/containers/registries.conf.d");
  return out;
}

std::vector<AuthFile> auth_files(const Environment& environment) {
  std::vector<AuthFile> out;
  if (!environment.registry_auth_file.empty())
    out.push_back({environment.registry_auth_file, true});
  if (!environment.docker_config.empty())
    out.push_back({environment.docker_config + "/config.json", false});
  const std::string runtime = environment.xdg_runtime_dir.empty()
                                  ? text::join("/run/containers/", environment.uid)
                                  : environment.xdg_runtime_dir + "/containers";
  out.push_back({runtime + "/auth.json", false});
  if (!config_home(environment).empty())
    out.push_back({config_home(environment) + "/containers/auth.json", false});
  if (environment.docker_config.empty() && !environment.home.empty())
    out.push_back({environment.home + "/.docker/config.json", false});
  return out;
}

}  // namespace nacre::images::registry
