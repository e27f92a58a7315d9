#include "oci-spec/image/timestamp.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"

namespace nacre::oci {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::size_t kFractionDigits = 9;

constexpr std::int64_t midnight_of(const year_month_day& date) {
  return sys_days{date}.time_since_epoch().count() * kDay;
}
constexpr std::int64_t kFirst =
    midnight_of({std::chrono::year{1}, std::chrono::January, std::chrono::day{1}});
constexpr std::int64_t kLast =
    midnight_of({std::chrono::year{9999}, std::chrono::December, std::chrono::day{31}}) + kDay - 1;

// Takes things off the front of a text; once something was not there, nothing is.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // Exactly `count` digits, a number of at most `most`.
  std::uint32_t number(std::size_t count, std::uint32_t most) {
    const auto value = text::parse_u32(rest_.substr(0, count));
    if (rest_.size() < count || !value || *value > most) return refuse();
    rest_.remove_prefix(count);
    return *value;
  }
  void character(char wanted) {
    if (!take(wanted)) refuse();
  }
  bool take(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view digits() {
    const std::string_view found = rest_.substr(0, rest_.find_first_not_of("0123456789"));
    if (found.empty()) refuse();
    rest_.remove_prefix(found.size());
    return found;
  }
  [[nodiscard]] bool is_done() const { return good_ && rest_.empty(); }

 private:
  std::uint32_t refuse() {
    good_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

year_month_day read_date(Scanner& in) {
  const std::chrono::year year{static_cast<int>(in.number(4, 9999))};
  in.character('-');
  const std::chrono::month month{in.number(2, 12)};
  in.character('-');
  return {year, month, std::chrono::day{in.number(2, 31)}};
}

std::int64_t read_time_of_day(Scanner& in) {
  std::int64_t seconds = in.number(2, 23) * kHour;
  in.character(':');
  seconds += in.number(2, 59) * kMinute;
  in.character(':');
  return seconds + in.number(2, 59);
}

std::uint32_t read_fraction(Scanner& in) {
  if (!in.take('.')) return 0;
  std::string digits(in.digits());
  digits.resize(kFractionDigits, '0');
  return text::parse_u32(digits).value_or(0);
}

// Seconds that the place is ahead of UTC.
std::int64_t read_offset(Scanner& in) {
  if (in.take('Z')) return 0;
  const bool behind = in.take('-');
  if (!behind) in.character('+');
  std::int64_t seconds = in.number(2, 23) * kHour;
  in.character(':');
  seconds += in.number(2, 59) * kMinute;
  return behind ? -seconds : seconds;
}

std::string padded(std::uint64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

std::string fraction_text(std::uint32_t nanoseconds) {
  if (nanoseconds == 0) return {};
  std::string digits = '.' + padded(nanoseconds, kFractionDigits);
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits;
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Scanner in(text);
  const year_month_day date = read_date(in);
  in.character('T');
  Timestamp time;
  time.seconds = read_time_of_day(in);
  time.nanoseconds = read_fraction(in);
  time.seconds -= read_offset(in);
  if (!in.is_done() || !date.ok()) return std::nullopt;
  time.seconds += midnight_of(date);
  return time;
}

std::string to_text(const Timestamp& time) {
  const std::int64_t seconds = std::clamp(time.seconds, kFirst, kLast);
  const std::uint32_t nanoseconds = seconds == time.seconds ? time.nanoseconds : 0;
  const auto midnight =
      std::chrono::floor<days>(std::chrono::sys_seconds{std::chrono::seconds{seconds}});
  const year_month_day date{midnight};
  const auto of_day =
      static_cast<std::uint64_t>(seconds - midnight.time_since_epoch().count() * kDay);
  const auto year = static_cast<std::uint64_t>(static_cast<int>(date.year()));
  return text::join(padded(year, 4), '-', padded(static_cast<unsigned>(date.month()), 2), '-',
                    padded(static_cast<unsigned>(date.day()), 2), 'T', padded(of_day / kHour, 2),
                    ':', padded(of_day / kMinute % 60, 2), ':', padded(of_day % 60, 2),
                    fraction_text(nanoseconds), 'Z');
}

}  // namespace nacre::oci
