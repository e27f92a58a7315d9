// Where a repository can be had: the registry itself or one of its mirrors.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "images/registry/http.h"

namespace nacre::images::registry {

// What a host is asked to do. A public mirror must not resolve tags: it could answer with an old
// image for ever, and nothing would tell.
struct Capabilities {
  bool pull = true;     // fetch by digest
  bool resolve = true;  // say what a tag means
  bool push = true;
  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

enum class Scheme : std::uint8_t {
  kHttps,
  kHttp,           // written by somebody, or on this machine
  kHttpsThenHttp,  // plain HTTP only after the server has shown that it speaks no TLS
};

struct Endpoint {
  Scheme scheme = Scheme::kHttps;
  std::string host;            // as in Url
  std::uint16_t port = 0;      // 0: the scheme's own
  std::string prefix = "/v2";  // before /<repository>/...
  std::string repository;      // as this host calls it
  std::string registry;        // the name under which its credentials are kept
  std::string ns;              // ?ns=: the registry that a mirror stands in for; "" for itself
  Capabilities capabilities;
  TlsSettings tls;
  Headers headers;  // sent with every request to this host
  Timeouts timeouts;
  bool mirror = false;        // there is another one after it
  std::string configured_by;  // the file, for messages; "" when nobody did

  // Base URL without the repository; `plain` decides for kHttpsThenHttp.
  [[nodiscard]] Url base(bool plain) const;
};

// A registry that nobody has configured. Plain HTTP only on this machine, and there only after TLS.
// docker.io is served by registry-1.docker.io.
[[nodiscard]] Result<Endpoint> default_endpoint(std::string_view registry,
                                                std::string_view repository);

enum class Need : std::uint8_t { kResolve, kPull, kPush };
// In their order; those that may not do it are left out.
[[nodiscard]] std::vector<Endpoint> able(const std::vector<Endpoint>& endpoints, Need need);

}  // namespace nacre::images::registry
