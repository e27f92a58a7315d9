#include "images/registry/retry.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nacre::images::registry {
namespace {

// Days since 1970-01-01 of a Gregorian date (the year begins in March: the leap day comes last).
std::int64_t days_since_1970(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::int64_t y = month > 2 ? year : year - 1;
  const std::int64_t era = y / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t month_from_march = month > 2 ? month - 3 : month + 9;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  constexpr std::int64_t kDaysOfEra = 146097;
  constexpr std::int64_t kDaysTo1970 = 719468;
  return era * kDaysOfEra + day_of_era - kDaysTo1970;
}

std::optional<std::int64_t> number(std::string_view digits, std::int64_t least, std::int64_t most) {
  const auto value = text::parse_u32(digits);
  if (!value || *value < least || *value > most) return std::nullopt;
  return *value;
}

std::optional<std::int64_t> month_number(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* const found = std::ranges::find(kMonths, name);
  if (found == kMonths.end()) return std::nullopt;
  return found - kMonths.begin() + 1;
}

}  // namespace

bool is_passing(unsigned status) {
  static constexpr std::array<unsigned, 7> kPassing = {408, 425, 429, 500, 502, 503, 504};
  return std::ranges::find(kPassing, status) != kPassing.end();
}

bool is_passing(FailureKind kind) {
  switch (kind) {
    case FailureKind::kResolve:
    case FailureKind::kConnect:
    case FailureKind::kTimeout:
    case FailureKind::kBroken:
    case FailureKind::kProtocol:
      return true;
    case FailureKind::kRequest:
    case FailureKind::kTlsNotSpoken:
    case FailureKind::kTls:
    case FailureKind::kBody:
    case FailureKind::kCancelled:
      return false;
  }
  return false;
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  const auto words = text::split(text, ' ');
  if (words.size() != 6 || words[0].size() != 4 || words[0][3] != ',' || words[5] != "GMT")
    return std::nullopt;
  const auto time = text::split(words[4], ':');
  if (time.size() != 3) return std::nullopt;
  const auto day = number(words[1], 1, 31);
  const auto month = month_number(words[2]);
  const auto year = number(words[3], 1970, 9999);
  const auto hour = number(time[0], 0, 23);
  const auto minute = number(time[1], 0, 59);
  const auto second = number(time[2], 0, 60);
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  return ((days_since_1970(*year, *month, *day) * 24 + *hour) * 60 + *minute) * 60 + *second;
}

std::optional<Milliseconds> parse_retry_after(std::string_view value, std::int64_t now_since_1970) {
  const std::string_view text = text::trim(value);
  if (const auto seconds = text::parse_u32(text)) return std::chrono::seconds(*seconds);
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return std::chrono::seconds(std::max<std::int64_t>(0, *date - now_since_1970));
}

std::optional<Milliseconds> Retry::next(std::optional<Milliseconds> server_wish) {
  ++total_;
  if (++failures_ >= policy_.attempts) return std::nullopt;
  Milliseconds wait{};
  if (server_wish) {
    if (*server_wish > policy_.longest_server_wait) return std::nullopt;
    wait = *server_wish;
  } else {
    const unsigned doublings = std::min(failures_ - 1, 16U);
    const Milliseconds whole =
        std::min(policy_.longest_wait, policy_.first_wait * (1U << doublings));
    // Half of it is certain, half is dice: clients that failed together do not come back together.
    std::uniform_int_distribution<Milliseconds::rep> dice(whole.count() / 2, whole.count());
    wait = Milliseconds(dice(random_));
  }
  if (waited_ + wait > policy_.budget) return std::nullopt;
  waited_ += wait;
  return wait;
}

}  // namespace nacre::images::registry
