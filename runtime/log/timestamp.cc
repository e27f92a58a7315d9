#include "runtime/log/timestamp.h"

#include <time.h>

#include <array>
#include <string_view>

#include "base/text.h"

namespace nacre::log {
namespace {

struct Civil {
  std::int64_t year;
  unsigned month;  // 1..12
  unsigned day;    // 1..31
};

// Days since 1970-01-01 to the proleptic Gregorian calendar, counted in 400-year cycles from
// 0000-03-01 so that the leap day is the last of its year. gmtime is not used: it may load time
// zone files.
Civil civil_from_days(std::int64_t days) {
  constexpr std::int64_t kDaysPerCycle = 146097;
  days += 719468;
  const std::int64_t cycle = (days >= 0 ? days : days - kDaysPerCycle + 1) / kDaysPerCycle;
  const auto day_of_cycle = static_cast<unsigned>(days - cycle * kDaysPerCycle);
  const unsigned year_of_cycle =
      (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
  const unsigned day_of_year =
      day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {year_of_cycle + cycle * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

std::string padded(std::int64_t value, std::size_t width) {
  std::string digits = std::to_string(value);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

std::string date_and_time(std::int64_t seconds) {
  constexpr std::int64_t kDay = 86400;
  const std::int64_t days = (seconds >= 0 ? seconds : seconds - kDay + 1) / kDay;
  const std::int64_t second_of_day = seconds - days * kDay;
  const Civil date = civil_from_days(days);
  return text::join(padded(date.year, 4), '-', padded(date.month, 2), '-', padded(date.day, 2), 'T',
                    padded(second_of_day / 3600, 2), ':', padded(second_of_day / 60 % 60, 2), ':',
                    padded(second_of_day % 60, 2));
}

timespec now() {
  timespec time{};
  static_cast<void>(::clock_gettime(CLOCK_REALTIME, &time));  // cannot fail: served by the vDSO
  return time;
}

}  // namespace

std::string format_rfc3339(std::int64_t seconds) { return text::join(date_and_time(seconds), 'Z'); }

std::string format_rfc3339_nano(std::int64_t seconds, std::uint32_t nanoseconds) {
  if (nanoseconds == 0) return format_rfc3339(seconds);
  std::string fraction = padded(nanoseconds, 9);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return text::join(date_and_time(seconds), '.', fraction, 'Z');
}

std::string now_rfc3339() { return format_rfc3339(now().tv_sec); }

std::string now_rfc3339_nano() {
  const timespec time = now();
  return format_rfc3339_nano(time.tv_sec, static_cast<std::uint32_t>(time.tv_nsec));
}

}  // namespace nacre::log
