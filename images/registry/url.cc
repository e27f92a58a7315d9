#include "images/registry/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nacre::images::registry {
namespace {

constexpr std::size_t kLongestUrl = 16384;
constexpr std::size_t kLongestHost = 253;
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

Error wrong(std::string_view what, std::string_view text, std::string_view why) {
  constexpr std::size_t kShown = 120;
  return invalid_argument(text::join(what, " ", text::quote(text.substr(0, kShown)), ": ", why));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_ipv4(std::string_view host) {
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}
std::optional<in6_addr> read_ipv6(std::string_view host) {
  in6_addr address{};
  if (::inet_pton(AF_INET6, std::string(host).c_str(), &address) != 1) return std::nullopt;
  return address;
}

// Labels of letters, digits, "-" and "_"; no empty one, so that a host is never "." or "..".
bool is_name(std::string_view host) {
  if (host.empty() || host.size() > kLongestHost) return false;
  for (const std::string_view label : text::split(host, '.')) {
    if (label.empty()) return false;
    for (const char c : label)
      if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_') return false;
  }
  return true;
}

std::optional<std::uint16_t> read_port(std::string_view digits) {
  const auto value = text::parse_u32(digits);
  if (!value || *value == 0 || *value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

struct Split {
  std::string_view host, port;
  bool has_port = false;
  bool brackets = false;
};

std::optional<Split> split_authority(std::string_view text) {
  Split out;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out = {text.substr(1, end - 1), text.substr(end + 1), false, true};
    if (out.port.empty()) return out;
    if (!out.port.starts_with(':')) return std::nullopt;
    out.port.remove_prefix(1);
    out.has_port = true;
    return out;
  }
  const std::size_t colon = text.find(':');
  out.host = text.substr(0, colon);
  out.has_port = colon != std::string_view::npos;
  if (out.has_port) out.port = text.substr(colon + 1);
  return out;
}

// "/a/./b/../c" -> "/a/c" (RFC 3986, 5.2.4). The path begins with a slash.
std::string remove_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  const auto segments = text::split(path.substr(1), '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    if (segments[i] == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (segments[i] != ".") {
      kept.push_back(segments[i]);
      continue;
    }
    if (last) kept.emplace_back();  // a dot at the end leaves its slash
  }
  std::string out;
  for (const std::string_view segment : kept) text::append(out, '/', segment);
  return out.empty() ? "/" : out;
}

// Sets path and query from "path?query".
void set_target(Url& url, std::string_view target) {
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  url.path = path.empty() ? "/" : remove_dot_segments(path);
  url.query = mark == std::string_view::npos ? std::string() : std::string(target.substr(mark + 1));
}

Result<Url> parse_after_scheme(std::string_view whole, std::string_view rest, bool tls) {
  const std::size_t end = rest.find_first_of("/?");
  const auto authority = parse_authority(rest.substr(0, end));
  if (!authority) return fail(wrong("URL", whole, "the host is not valid"));
  Url url;
  url.tls = tls;
  url.host = authority->host;
  url.port = authority->port.value_or(tls ? kHttpsPort : kHttpPort);
  set_target(url, end == std::string_view::npos ? std::string_view() : rest.substr(end));
  return url;
}

std::string_view without_fragment(std::string_view text) { return text.substr(0, text.find('#')); }

bool has_scheme(std::string_view text) {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && text.find_first_of("/?") > colon;
}

}  // namespace

Result<Authority> parse_authority(std::string_view text) {
  const auto parts = split_authority(text);
  if (!parts) return fail(wrong("host", text, "is not host[:port]"));
  Authority out;
  out.host = lower(parts->host);
  if (parts->brackets ? !read_ipv6(parts->host) : !is_name(parts->host))
    return fail(wrong("host", text, "is neither a name nor an address"));
  if (!parts->has_port) return out;
  out.port = read_port(parts->port);
  if (!out.port) return fail(wrong("host", text, "the port must be a number from 1 to 65535"));
  return out;
}

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : text::join('[', host, ']');
  if (port != (tls ? kHttpsPort : kHttpPort)) text::append(out, ':', port);
  return out;
}
std::string Url::origin() const { return text::join(tls ? "https://" : "http://", authority()); }
std::string Url::target() const { return query.empty() ? path : text::join(path, '?', query); }
std::string Url::text() const { return origin() + target(); }
std::string Url::shown() const { return origin() + path; }

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kLongestUrl) return fail(wrong("URL", text, "is longer than 16 KiB"));
  if (!is_visible(text))
    return fail(wrong("URL", text, "holds a blank or a character that is not ASCII"));
  const std::string_view whole = without_fragment(text);
  const std::size_t mark = whole.find("://");
  if (mark != std::string_view::npos) {
    const std::string scheme = lower(whole.substr(0, mark));
    const std::string_view rest = whole.substr(mark + 3);
    if (scheme == "https") return parse_after_scheme(text, rest, true);
    if (scheme == "http") return parse_after_scheme(text, rest, false);
  }
  return fail(wrong("URL", text, "must begin with https:// or http://"));
}

Result<Url> resolve_location(const Url& base, std::string_view location) {
  if (location.empty()) return fail(invalid_argument("the location is empty"));
  if (location.size() > kLongestUrl) return fail(wrong("location", location, "is too long"));
  if (!is_visible(location))
    return fail(wrong("location", location, "holds a blank or a character that is not ASCII"));
  if (has_scheme(location)) return parse_url(location);
  const std::string_view reference = without_fragment(location);
  if (reference.starts_with("//"))
    return parse_after_scheme(location, reference.substr(2), base.tls);
  Url out = base;
  if (reference.empty()) return out;
  if (reference.starts_with('/')) {
    set_target(out, reference);
  } else if (reference.starts_with('?')) {
    out.query = std::string(reference.substr(1));
  } else {
    set_target(out, text::join(base.path.substr(0, base.path.rfind('/') + 1), reference));
  }
  return out;
}

bool same_origin(const Url& a, const Url& b) {
  return a.tls == b.tls && a.host == b.host && a.port == b.port;
}

bool is_ip_address(std::string_view host) { return is_ipv4(host) || read_ipv6(host).has_value(); }

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  if (is_ipv4(host)) return host.starts_with("127.");
  const auto v6 = read_ipv6(host);
  return v6 && IN6_IS_ADDR_LOOPBACK(&*v6);
}

std::string escape(std::string_view raw) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_letter(c) || is_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      text::append(out, '%', kHex[byte >> 4U], kHex[byte & 0xfU]);
    }
  }
  return out;
}

void add_query(Url& url, std::string_view key, std::string_view value) {
  if (!url.query.empty()) url.query += '&';
  text::append(url.query, key, '=', escape(value));
}

}  // namespace nacre::images::registry
