#include "images/registry/endpoint.h"

namespace nacre::images::registry {

Url Endpoint::base(bool plain) const {
  Url out;
  out.tls = scheme == Scheme::kHttps || (scheme == Scheme::kHttpsThenHttp && !plain);
  out.host = host;
  constexpr std::uint16_t kHttpPort = 80;
  constexpr std::uint16_t kHttpsPort = 443;
  out.port = port != 0 ? port : out.tls ? kHttpsPort : kHttpPort;
  out.path = prefix;
  return out;
}

Result<Endpoint> default_endpoint(std::string_view registry, std::string_view repository) {
  const Authority authority = NACRE_TRY(parse_authority(registry));
  Endpoint out;
  out.host = registry == "docker.io" ? "registry-1.docker.io" : authority.host;
  out.port = authority.port.value_or(0);
  out.scheme = is_loopback(out.host) ? Scheme::kHttpsThenHttp : Scheme::kHttps;
  out.repository = std::string(repository);
  out.registry = std::string(registry);
  return out;
}

std::vector<Endpoint> able(const std::vector<Endpoint>& endpoints, Need need) {
  std::vector<Endpoint> out;
  for (const Endpoint& one : endpoints) {
    const Capabilities& may = one.capabilities;
    const bool fits = need == Need::kPush      ? may.push
                      : need == Need::kResolve ? may.resolve
                                               : may.pull;
    if (fits) out.push_back(one);
  }
  return out;
}

}  // namespace nacre::images::registry
