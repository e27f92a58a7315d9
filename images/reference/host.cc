#include "images/reference/host.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"
#include "oci-spec/json/path.h"

namespace nacre::images {
namespace {

using json::excerpt;

constexpr std::string_view kLegacyHost = "index.docker.io";  // what docker.io was called before

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_label(std::string_view label) {
  constexpr std::size_t kLongest = 63;  // RFC 1035, 2.3.4
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '-'; };
  return !label.empty() && label.size() <= kLongest && is_alphanumeric(label.front()) &&
         is_alphanumeric(label.back()) && std::all_of(label.begin(), label.end(), fits);
}

bool is_domain(std::string_view domain) {
  const std::vector<std::string_view> labels = text::split(domain, '.');
  return std::all_of(labels.begin(), labels.end(), is_label);
}

bool is_ipv6(std::string_view address) {
  in6_addr ignored{};
  return inet_pton(AF_INET6, std::string(address).c_str(), &ignored) == 1;
}

bool is_port(std::string_view digits) {
  constexpr std::uint32_t kHighest = 65535;
  const auto port = text::parse_u32(digits);
  return port && *port >= 1 && *port <= kHighest && digits.front() != '0';
}

// Where the colon of the port is; npos without one. Those inside brackets are the address's.
std::size_t find_port(std::string_view host) {
  const std::size_t bracket = host.find(']');
  return host.find(':', bracket == std::string_view::npos ? 0 : bracket);
}

bool is_name(std::string_view name) {
  if (name.starts_with('[') && name.ends_with(']')) return is_ipv6(name.substr(1, name.size() - 2));
  return is_domain(name);
}

}  // namespace

bool looks_like_host(std::string_view first_part) {
  return first_part.find_first_of(".:") != std::string_view::npos || first_part == "localhost";
}

Result<std::string> parse_host(std::string_view text) {
  const std::size_t colon = find_port(text);
  if (!is_name(text.substr(0, colon)))
    return fail(invalid_argument(text::join(excerpt(text), " is not the name of a host")));
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1)))
    return fail(invalid_argument(
        text::join("the port of ", excerpt(text), " is not a number from 1 to 65535")));
  std::string host(text);
  std::transform(host.begin(), host.end(), host.begin(), lower);
  return host == kLegacyHost ? std::string(kDefaultHost) : host;
}

}  // namespace nacre::images
