// Whether and when to try again. Decisions only: nothing here waits or sends.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string_view>

#include "images/registry/clock.h"
#include "images/registry/http.h"

namespace nacre::images::registry {

struct RetryPolicy {
  unsigned attempts = 6;         // in a row without progress, the first one included
  Milliseconds first_wait{500};  // doubled each time, less a random part
  Milliseconds longest_wait{20'000};
  Milliseconds longest_server_wait{120'000};  // a Retry-After beyond it ends the matter
  Milliseconds budget{300'000};               // all waits of one operation together
};

// 408, 425, 429, 500, 502, 503, 504: the same request may do better later.
[[nodiscard]] bool is_passing(unsigned status);
// Connections that failed or broke, time-outs, broken framing; not certificates, not cancellation.
[[nodiscard]] bool is_passing(FailureKind kind);

// Retry-After (RFC 9110, 10.2.3): seconds, or a date as seen from `now`. Nothing when it is
// neither.
[[nodiscard]] std::optional<Milliseconds> parse_retry_after(std::string_view value,
                                                            std::int64_t now_since_1970);
// "Sun, 06 Nov 1994 08:49:37 GMT" in seconds since 1970.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text);

// The history of one operation.
class Retry {
 public:
  Retry(const RetryPolicy& policy, std::uint32_t seed) : policy_(policy), random_(seed) {}

  // How long to wait before the next attempt; nothing: give up. `server_wish` is a Retry-After,
  // which is obeyed rather than shortened.
  [[nodiscard]] std::optional<Milliseconds> next(std::optional<Milliseconds> server_wish);
  // Something arrived: the count of attempts begins again, the budget of waiting does not.
  void progressed() { failures_ = 0; }
  [[nodiscard]] unsigned attempts() const { return total_ + 1; }

 private:
  RetryPolicy policy_;
  std::minstd_rand random_;
  unsigned failures_ = 0;
  unsigned total_ = 0;
  Milliseconds waited_{0};
};

}  // namespace nacre::images::registry
