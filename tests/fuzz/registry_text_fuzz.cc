// Everything short that a registry, a realm or a configuration file can say to the client: parsers
// that must take any bytes. The first byte says which one.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "images/registry/challenge.h"
#include "images/registry/credentials.h"
#include "images/registry/hosts_toml.h"
#include "images/registry/registries_conf.h"
#include "images/registry/reply.h"
#include "images/registry/retry.h"
#include "images/registry/token.h"
#include "images/registry/url.h"

namespace {

using namespace nacre::images::registry;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

void locations(std::string_view text) {
  const Url base = *parse_url("https://registry.test:5000/v2/a/blobs/uploads/?x=1");
  const auto url = resolve_location(base, text);
  if (!url) return;
  // What was understood is understood the same way again, and cannot end a request line.
  const auto again = parse_url(url->text());
  require(again && *again == *url);
  require(url->path.starts_with('/'));
  for (const char c : url->target()) require(c > ' ' && c < '\x7f');
}

void challenges(std::string_view text) {
  const auto found = parse_challenges(text);
  if (!found) return;
  for (const Challenge& one : *found) {
    require(!one.scheme.empty());
    static_cast<void>(read_question(one, {}, *parse_url("https://registry.test"), false));
  }
}

void headers(std::string_view text) {
  Headers list;
  list.add("Link", std::string(text));
  static_cast<void>(next_link(list));
  static_cast<void>(parse_retry_after(text, 0));
  static_cast<void>(parse_upload_range(text));
  static_cast<void>(parse_duration(text));
  const auto range = parse_content_range(text);
  require(!range ||
          (range->first <= range->last && (!range->total || range->last < *range->total)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      locations(text);
      break;
    case 1:
      challenges(text);
      break;
    case 2:
      headers(text);
      break;
    case 3:
      static_cast<void>(parse_token_answer(text));
      break;
    case 4:
      if (const auto config = parse_auth_config(text, "config.json"))
        static_cast<void>(choose_credential(*config, "registry.test", "a/b"));
      break;
    case 5:
      static_cast<void>(parse_hosts_toml(text, "/etc/certs.d/x", "registry.test", "a/b"));
      break;
    case 6:
      if (const auto conf = parse_registries_conf(text, "registries.conf"))
        static_cast<void>(locate(*conf, "registry.test", "a/b", true));
      break;
    default:
      static_cast<void>(describe_error_body(text));
      break;
  }
  return 0;
}
