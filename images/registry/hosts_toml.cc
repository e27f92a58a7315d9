#include "images/registry/hosts_toml.h"

#include <algorithm>

#include "base/text.h"
#include "images/registry/toml.h"

namespace nacre::images::registry {
namespace {

struct Context {
  const std::string& folder;
  std::string file;
  std::string_view registry;
  std::string_view repository;
};

std::string in_folder(const Context& context, const std::string& path) {
  return path.starts_with('/') ? path : text::join(context.folder, '/', path);
}

Result<Capabilities> read_capabilities(toml::Reader& in) {
  constexpr std::string_view kKey = "capabilities";
  if (in.find(kKey) == nullptr) return Capabilities{};
  Capabilities out{false, false, false};
  for (const std::string& word : NACRE_TRY(in.texts(kKey))) {
    if (word == "pull") {
      out.pull = true;
    } else if (word == "resolve") {
      out.resolve = true;
    } else if (word == "push") {
      out.push = true;
    } else if (word != "referrers") {  // listing them needs nothing besides pull here
      return fail(in.error(kKey, "unknown capability " + text::quote(word)));
    }
  }
  return out;
}

// "cert.pem" (key included), ["cert.pem", ...], or [["cert.pem", "key.pem"], ...].
Result<std::vector<std::pair<std::string, std::string>>> read_client(toml::Reader& in,
                                                                     const Context& context) {
  constexpr std::string_view kKey = "client";
  std::vector<std::pair<std::string, std::string>> out;
  const toml::Value* value = in.find(kKey);
  if (value == nullptr) return out;
  const auto add = [&](const std::string& cert, const std::string& key) {
    out.emplace_back(in_folder(context, cert), in_folder(context, key.empty() ? cert : key));
  };
  if (const auto* one = std::get_if<std::string>(&value->value)) {
    add(*one, {});
    return out;
  }
  const auto* list = std::get_if<toml::Array>(&value->value);
  if (list == nullptr) return fail(in.error(kKey, "expected a string or an array"));
  for (const toml::Value& item : *list) {
    if (const auto* one = std::get_if<std::string>(&item.value)) {
      add(*one, {});
      continue;
    }
    const auto* pair = std::get_if<toml::Array>(&item.value);
    const bool two = pair != nullptr && pair->size() == 2;
    const auto* cert = two ? std::get_if<std::string>(&(*pair)[0].value) : nullptr;
    const auto* key = two ? std::get_if<std::string>(&(*pair)[1].value) : nullptr;
    if (cert == nullptr || key == nullptr)
      return fail(in.error(kKey, "expected pairs of a certificate and a key"));
    add(*cert, *key);
  }
  return out;
}

Result<Headers> read_headers(toml::Reader& in) {
  Headers out;
  const toml::Table* table = NACRE_TRY(in.table("header"));
  if (table == nullptr) return out;
  toml::Reader fields(*table, in.where() + ".header");
  for (const toml::Member& member : *table)
    for (std::string& value : NACRE_TRY(fields.texts(member.key)))
      out.add(member.key, std::move(value));
  return out;
}

// The settings that a host and the server have in common; the address is there already.
Result<void> read_settings(toml::Reader& in, const Context& context, Endpoint& out) {
  out.capabilities = NACRE_TRY(read_capabilities(in));
  for (const std::string& file : NACRE_TRY(in.texts("ca")))
    out.tls.ca_files.push_back(in_folder(context, file));
  out.tls.client_certs = NACRE_TRY(read_client(in, context));
  out.tls.skip_verify = NACRE_TRY(in.flag("skip_verify", false));
  out.headers = NACRE_TRY(read_headers(in));
  const bool override_path = NACRE_TRY(in.flag("override_path", false));
  if (!override_path && !out.prefix.ends_with("/v2"))
    out.prefix += out.prefix.ends_with('/') ? "v2" : "/v2";
  while (out.prefix.ends_with('/')) out.prefix.pop_back();
  const std::string timeout = NACRE_TRY(in.text("dial_timeout"));
  if (timeout.empty()) return {};
  const auto time = parse_duration(timeout);
  if (!time || time->count() == 0)
    return fail(in.error("dial_timeout", "is not a time such as \"30s\""));
  out.timeouts.connect = *time;
  return {};
}

// `address` may leave out the scheme: then it is https, or as for any host on this machine.
Result<Endpoint> start_endpoint(const std::string& address, const Context& context) {
  Endpoint out;
  out.repository = std::string(context.repository);
  out.configured_by = context.file;
  const bool has_scheme = address.find("://") != std::string::npos;
  const Url url =
      NACRE_TRY_CTX(parse_url(has_scheme ? address : "https://" + address), context.file);
  if (!url.query.empty())
    return fail(invalid_argument(
        text::join(context.file, ": ", text::quote(address), ": a host's address has no query")));
  out.host = url.host;
  const std::uint16_t own_port = url.tls ? 443 : 80;
  out.port = url.port == own_port ? 0 : url.port;
  out.prefix = url.path;
  // Plain HTTP is allowed here because somebody has written it.
  out.scheme = !url.tls ? Scheme::kHttp : Scheme::kHttps;
  if (!has_scheme && is_loopback(url.host)) out.scheme = Scheme::kHttpsThenHttp;
  out.registry = url.authority();
  return out;
}

Result<Endpoint> read_host(const std::string& address, const toml::Table& table,
                           const Context& context) {
  Endpoint out = NACRE_TRY(start_endpoint(address, context));
  toml::Reader in(table, text::join(context.file, ": host.", text::quote(address)));
  NACRE_TRY(read_settings(in, context, out));
  NACRE_TRY(in.nothing_else());
  out.mirror = true;
  return out;
}

// A host that is asked on behalf of another registry is told which one.
void name_registry(Endpoint& endpoint, const Endpoint& upstream, std::string_view registry) {
  if (endpoint.host == upstream.host && endpoint.port == upstream.port) {
    endpoint.registry = std::string(registry);
    return;
  }
  endpoint.ns = std::string(registry);
}

Result<Endpoint> read_server(toml::Reader& in, const Context& context, const Endpoint& upstream) {
  const std::string address = NACRE_TRY(in.text("server"));
  Endpoint out = upstream;
  out.configured_by = context.file;
  if (!address.empty()) out = NACRE_TRY(start_endpoint(address, context));
  NACRE_TRY(read_settings(in, context, out));
  return out;
}

}  // namespace

Result<std::vector<std::string>> hosts_folders(std::string_view registry) {
  const Authority authority = NACRE_TRY(parse_authority(registry));
  if (!authority.port) return std::vector<std::string>{authority.host, "_default"};
  return std::vector<std::string>{text::join(authority.host, '_', *authority.port, '_'),
                                  text::join(authority.host, ':', *authority.port), "_default"};
}

Result<std::vector<Endpoint>> parse_hosts_toml(std::string_view bytes, const std::string& folder,
                                               std::string_view registry,
                                               std::string_view repository) {
  const Context context{folder, folder + "/hosts.toml", registry, repository};
  const toml::Table root = NACRE_TRY(toml::parse(bytes, context.file));
  const Endpoint upstream = NACRE_TRY(default_endpoint(registry, repository));
  toml::Reader in(root, context.file);
  std::vector<Endpoint> out;
  const toml::Table* hosts = NACRE_TRY(in.table("host"));
  if (hosts != nullptr) {
    for (const auto& [address, value] : *hosts) {
      const auto* table = std::get_if<toml::Table>(&value.value);
      if (table == nullptr)
        return fail(in.error("host." + text::quote(address), "expected a table"));
      out.push_back(NACRE_TRY(read_host(address, *table, context)));
    }
  }
  out.push_back(NACRE_TRY(read_server(in, context, upstream)));
  NACRE_TRY(in.nothing_else());
  for (Endpoint& one : out) name_registry(one, upstream, registry);
  return out;
}

}  // namespace nacre::images::registry
