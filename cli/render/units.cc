#include "cli/render/units.h"

#include <cstdio>

#include "base/text.h"
#include "oci-spec/image/timestamp.h"

namespace nacre::cli {
namespace {

constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;

// Longer ones are cut off: they are all times before history.
constexpr std::int64_t kLongestDuration = 1'000'000 * kDay;

std::string plural(std::int64_t count, std::string_view unit) {
  return text::join(count, ' ', unit);
}

std::optional<std::int64_t> unit_seconds(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return kMinute;
    case 'h':
      return kHour;
    default:
      return std::nullopt;
  }
}

// "1h30m": whole numbers with units.
std::optional<std::int64_t> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    const std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
    const auto count = text::parse_u32(text.substr(0, digits));
    const auto unit = unit_seconds(text[digits]);
    if (!count || !unit) return std::nullopt;
    total += std::int64_t{*count} * *unit;
    if (total > kLongestDuration) return std::nullopt;
    text.remove_prefix(digits + 1);
  }
  return total;
}

}  // namespace

std::string human_size(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1000 && unit < 6) {
    amount /= 1000;
    ++unit;
  }
  char buffer[32];
  const int length = std::snprintf(buffer, sizeof buffer, "%.3g%s", amount, kUnits[unit]);
  return {buffer, static_cast<std::size_t>(length)};
}

std::string human_duration(std::int64_t seconds) {
  if (seconds < 1) return "Less than a second";
  if (seconds == 1) return "1 second";
  if (seconds < kMinute) return plural(seconds, "seconds");
  const std::int64_t minutes = seconds / kMinute;
  if (minutes == 1) return "About a minute";
  if (minutes < 60) return plural(minutes, "minutes");
  const std::int64_t hours = (seconds + kHour / 2) / kHour;
  if (hours == 1) return "About an hour";
  if (hours < 48) return plural(hours, "hours");
  const std::int64_t days = hours / 24;
  if (days < 14) return plural(days, "days");
  if (days < 60) return plural(days / 7, "weeks");
  if (days < 730) return plural(days / 30, "months");
  return plural(days / 365, "years");
}

std::string human_age(std::int64_t then, std::int64_t now) {
  return then == 0 ? "N/A" : human_duration(now - then) + " ago";
}

std::string short_duration(std::uint64_t seconds) {
  const auto two = [](std::uint64_t number) { return text::join(number < 10 ? "0" : "", number); };
  if (seconds < 60) return text::join(seconds, 's');
  if (seconds < 3600) return text::join(seconds / 60, 'm', two(seconds % 60), 's');
  if (seconds < 360'000) return text::join(seconds / 3600, 'h', two(seconds / 60 % 60), 'm');
  return ">99h";
}

std::string docker_time(std::int64_t then) {
  if (then == 0) return "N/A";
  std::string time = oci::to_text(oci::Timestamp{then, 0});  // 2024-05-01T10:00:00Z
  if (const std::size_t t = time.find('T'); t != std::string::npos) time[t] = ' ';
  if (time.ends_with('Z')) time.pop_back();
  return time + " +0000 UTC";
}

std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now) {
  if (const auto seconds = text::parse_i64(text)) return seconds;
  if (const auto time = oci::parse_timestamp(text)) return time->seconds;
  if (const auto day = oci::parse_timestamp(text::join(text, "T00:00:00Z"))) return day->seconds;
  if (const auto duration = parse_duration(text)) return now - *duration;
  return std::nullopt;
}

}  // namespace nacre::cli
