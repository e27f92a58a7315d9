// URLs as a registry client meets them: absolute http and https ones, and the references that
// Location and Link headers carry (RFC 3986).
//
// Strict, because what is parsed here becomes request lines, file names and decisions about
// credentials: no user information, no control characters, no blanks, no port 0, IPv6 only in
// brackets and without a zone. Pure; errors are invalid_argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nacre::images::registry {

// host[:port] as it stands in references and configuration files.
struct Authority {
  std::string host;  // lower case; an IPv6 address without its brackets
  std::optional<std::uint16_t> port;
  friend bool operator==(const Authority&, const Authority&) = default;
};
[[nodiscard]] Result<Authority> parse_authority(std::string_view text);

struct Url {
  bool tls = true;
  std::string host;  // as in Authority
  std::uint16_t port = 443;
  std::string path = "/";  // begins with a slash
  std::string query;       // without the question mark; "" when there is none

  [[nodiscard]] std::string authority()
      const;                                 // "host", "[::1]:5000": the scheme's port is left out
  [[nodiscard]] std::string origin() const;  // "https://host:5000"
  [[nodiscard]] std::string target() const;  // "/path?query"
  [[nodiscard]] std::string text() const;
  // For messages: without the query, where upload states and signatures stand.
  [[nodiscard]] std::string shown() const;

  friend bool operator==(const Url&, const Url&) = default;
};

[[nodiscard]] Result<Url> parse_url(std::string_view text);
// A reference relative to the URL that answered: absolute, "//host/x", "/x", "x", "?x". The
// fragment is dropped.
[[nodiscard]] Result<Url> resolve_location(const Url& base, std::string_view location);

// Scheme, host and port: the border that credentials do not cross.
[[nodiscard]] bool same_origin(const Url& a, const Url& b);
// "localhost", 127.0.0.0/8 in dotted decimal, ::1. Other spellings of these addresses do not count.
[[nodiscard]] bool is_loopback(std::string_view host);
[[nodiscard]] bool is_ip_address(std::string_view host);

// Everything but letters, digits and "-._~" as %XX.
[[nodiscard]] std::string escape(std::string_view raw);
// Appends "key=value", the value escaped.
void add_query(Url& url, std::string_view key, std::string_view value);

}  // namespace nacre::images::registry
