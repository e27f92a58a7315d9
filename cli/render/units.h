// Sizes, durations and times as people read them, in Docker's words. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nacre::cli {

// Powers of 1000, three significant digits: "0B", "999B", "1.24MB".
[[nodiscard]] std::string human_size(std::uint64_t bytes);
// "About a minute", "3 hours", "2 weeks".
[[nodiscard]] std::string human_duration(std::int64_t seconds);
// The same with "ago"; a time to come is "Less than a second ago"; 0 is "N/A".
[[nodiscard]] std::string human_age(std::int64_t then, std::int64_t now);
// For a progress bar, as short as can be: "7s", "1m05s", "2h03m".
[[nodiscard]] std::string short_duration(std::uint64_t seconds);
// "2024-05-01 10:00:00 +0000 UTC"; "N/A" for 0.
[[nodiscard]] std::string docker_time(std::int64_t then);
// What `--filter until=` takes, as a moment: seconds since 1970, RFC 3339, or a duration of Go
// ("24h", "1h30m") before `now`.
[[nodiscard]] std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now);

}  // namespace nacre::cli
