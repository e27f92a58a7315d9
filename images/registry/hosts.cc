#include "images/registry/hosts.h"

#include <optional>

#include "base/text.h"
#include "images/registry/hosts_toml.h"
#include "images/registry/toml.h"
#include "sys/io.h"

namespace nacre::images::registry {
namespace {

// Nothing when there is no such file.
Result<std::optional<std::string>> read_if_there(const std::string& path) {
  auto bytes = sys::read_file(sys::kCwd, path.c_str(), toml::kLargestDocument);
  if (bytes) return *std::move(bytes);
  if (bytes.error().value == ENOENT || bytes.error().value == ENOTDIR) return std::nullopt;
  return fail(Error::from_errno(bytes.error(), text::join("read ", path)));
}

Result<std::vector<std::string>> names_in(const std::string& folder) {
  const auto dir = sys::openat<sys::DirFd>(sys::kCwd, folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (!dir && (dir.error().value == ENOENT || dir.error().value == ENOTDIR)) return {};
  if (!dir) return fail(Error::from_errno(dir.error(), text::join("open ", folder)));
  return NACRE_TRY_CTX(sys::list_directory(*dir), text::join("list ", folder));
}

Result<std::optional<std::vector<Endpoint>>> load_hosts_toml(const ConfigPaths& paths,
                                                             std::string_view registry,
                                                             std::string_view repository) {
  const auto folders = NACRE_TRY(hosts_folders(registry));
  for (const std::string& root : paths.hosts_dirs) {
    for (const std::string& name : folders) {
      const std::string folder = text::join(root, '/', name);
      const auto bytes = NACRE_TRY(read_if_there(folder + "/hosts.toml"));
      if (bytes) return NACRE_TRY(parse_hosts_toml(*bytes, folder, registry, repository));
    }
  }
  return std::nullopt;
}

// *.crt are authorities; x.cert and x.key are ours (the layout of docker's certs.d).
Result<void> add_certificates(const ConfigPaths& paths, Endpoint& endpoint) {
  if (!endpoint.tls.ca_files.empty() || !endpoint.tls.client_certs.empty()) return {};
  for (const std::string& root : paths.certs_dirs) {
    const std::string folder = text::join(root, '/', endpoint.registry);
    for (const std::string& name : NACRE_TRY(names_in(folder))) {
      const std::string path = text::join(folder, '/', name);
      if (name.ends_with(".crt")) endpoint.tls.ca_files.push_back(path);
      if (!name.ends_with(".cert")) continue;
      endpoint.tls.client_certs.emplace_back(path, path.substr(0, path.size() - 5) + ".key");
    }
    if (!endpoint.tls.ca_files.empty() || !endpoint.tls.client_certs.empty()) return {};
  }
  return {};
}

}  // namespace

Result<RegistriesConf> load_registries_conf(const ConfigPaths& paths) {
  RegistriesConf out;
  std::vector<std::string> files;
  if (!paths.registries_conf.empty()) files.push_back(paths.registries_conf);
  for (const std::string& folder : paths.registries_conf_dirs)
    for (const std::string& name : NACRE_TRY(names_in(folder)))
      if (name.ends_with(".conf")) files.push_back(text::join(folder, '/', name));
  for (const std::string& file : files) {
    const auto bytes = NACRE_TRY(read_if_there(file));
    if (bytes) merge(out, NACRE_TRY(parse_registries_conf(*bytes, file)));
  }
  return out;
}

Result<std::vector<Endpoint>> load_endpoints(const ConfigPaths& paths, std::string_view registry,
                                             std::string_view repository, bool by_digest) {
  const RegistriesConf conf = NACRE_TRY(load_registries_conf(paths));
  auto by_rule = NACRE_TRY(locate(conf, registry, repository, by_digest));
  auto by_file = NACRE_TRY(load_hosts_toml(paths, registry, repository));
  std::vector<Endpoint> out;
  if (by_file) {
    out = *std::move(by_file);
  } else if (by_rule) {
    out = *std::move(by_rule);
  } else {
    out.push_back(NACRE_TRY(default_endpoint(registry, repository)));
  }
  for (Endpoint& one : out) NACRE_TRY(add_certificates(paths, one));
  return out;
}

}  // namespace nacre::images::registry
