// "created" in configurations, histories and annotations: a date and time of RFC 3339.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nacre::oci {

// Since 1970-01-01T00:00:00Z, without leap seconds; nanoseconds count up also before 1970.
struct Timestamp {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;  // 0 to 999,999,999
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// Nothing for anything but a date, 'T', a time and 'Z' or an offset. Digits of the fraction beyond
// the ninth are dropped. Go's zero time, year 1, is a time like any other.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

// In UTC, without zeros at the end of the fraction: "2024-05-01T10:00:00.5Z". What lies outside the
// years 1 to 9999, which the format cannot say, becomes the nearest second that does not.
[[nodiscard]] std::string to_text(const Timestamp& time);

}  // namespace nacre::oci
