// Points in time as RFC 3339 text in UTC.
#pragma once

#include <cstdint>
#include <string>

namespace nacre::log {

// Seconds since 1970, nanoseconds within the second. With nanoseconds the fraction is written
// without trailing zeros and left out when it is zero (Go's RFC3339Nano).
std::string format_rfc3339(std::int64_t seconds);
std::string format_rfc3339_nano(std::int64_t seconds, std::uint32_t nanoseconds);

std::string now_rfc3339();
std::string now_rfc3339_nano();

}  // namespace nacre::log
