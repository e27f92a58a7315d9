#include "images/tar/pax_values.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/base64.h"
#include "base/text.h"
#include "images/tar/header.h"

namespace nacre::images::tar {
namespace {

constexpr std::uint64_t kMax63 = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kNanosecondDigits = 9;
constexpr std::uint32_t kBillion = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

// Digits only, checked before; held at the end of the range.
std::int64_t saturated(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || value > kMax63) return std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(value);
}

std::uint32_t nanoseconds_of(std::string_view fraction) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < kNanosecondDigits; ++i)
    value = value * 10 + (i < fraction.size() ? static_cast<std::uint32_t>(fraction[i] - '0') : 0);
  return value;
}

std::optional<unsigned> hex_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  return std::nullopt;
}

// The character that `text` starts with as %XX.
std::optional<char> unescape(std::string_view text) {
  if (text.size() < 3) return std::nullopt;
  const auto high = hex_value(text[1]);
  const auto low = hex_value(text[2]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high << 4U | *low);
}

}  // namespace

Result<std::uint64_t> parse_decimal(std::string_view digits) {
  const auto value = text::parse_u64(digits);
  if (!value || *value > kMax63 || !is_digit(digits[0]))
    return fail(invalid_argument(
        text::join(text::quote(digits.substr(0, 40)), " is not a decimal number of 63 bits")));
  return *value;
}

Result<Time> parse_time(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view rest = text.substr(negative ? 1 : 0);
  const std::size_t point = rest.find('.');
  const std::string_view whole = rest.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view{} : rest.substr(point + 1);
  if (!is_digits(whole) || !(fraction.empty() || is_digits(fraction)))
    return fail(
        invalid_argument(text::join(text::quote(text.substr(0, 40)), " is not a time in seconds")));
  const std::int64_t seconds = saturated(whole);
  const std::uint32_t nanoseconds = nanoseconds_of(fraction);
  if (!negative) return clamp_time(seconds, nanoseconds);
  if (nanoseconds == 0) return clamp_time(-seconds, 0);
  return clamp_time(-seconds - 1, kBillion - nanoseconds);
}

std::string time_text(const Time& time) {
  if (time.nanoseconds == 0) return text::join(time.seconds);
  // -1.5 is {-2, 500000000}: below zero both parts count the other way.
  const bool negative = time.seconds < 0;
  const std::int64_t whole = negative ? -(time.seconds + 1) : time.seconds;
  const std::uint32_t part = negative ? kBillion - time.nanoseconds : time.nanoseconds;
  std::string digits = std::to_string(part);
  digits.insert(0, kNanosecondDigits - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  return text::join(negative ? "-" : "", whole, '.', digits);
}

Result<std::vector<Extent>> parse_map(std::string_view text, std::size_t max_extents) {
  const auto commas = static_cast<std::size_t>(std::ranges::count(text, ','));
  if (commas / 2 >= max_extents)
    return fail(Error(ErrorCode::kResourceExhausted,
                      text::join("the sparse map has more than ", max_extents, " runs")));
  const std::vector<std::string_view> numbers = text::split(text, ',');
  if (numbers.size() % 2 != 0)
    return fail(invalid_argument("the sparse map has an offset without a size"));
  std::vector<Extent> extents;
  extents.reserve(numbers.size() / 2);
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    const std::uint64_t offset = NACRE_TRY(parse_decimal(numbers[i]));
    const std::uint64_t size = NACRE_TRY(parse_decimal(numbers[i + 1]));
    extents.push_back({offset, size});
  }
  return extents;
}

std::string decode_schily_name(std::string_view name) {
  std::string decoded;
  while (!name.empty()) {
    const bool equals = name.starts_with("%3D");
    const bool escaped = equals || name.starts_with("%25");
    decoded += equals ? '=' : name[0];  // of %25, the percent sign is what stands there
    name.remove_prefix(escaped ? 3 : 1);
  }
  return decoded;
}

std::optional<std::string> decode_percent(std::string_view name) {
  std::string decoded;
  while (!name.empty()) {
    const std::optional<char> c = name[0] == '%' ? unescape(name) : name[0];
    if (!c || *c == '\0') return std::nullopt;
    name.remove_prefix(name[0] == '%' ? 3 : 1);
    decoded += *c;
  }
  return decoded;
}

std::string encode_percent(std::string_view name) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '%' && c != '=') {
      encoded += c;
    } else {
      text::append(encoded, '%', kHex[byte >> 4U], kHex[byte & 0xFU]);
    }
  }
  return encoded;
}

std::optional<std::string> decode_loose_base64(std::string_view text) {
  if (text.ends_with('=')) return base64::decode(text);
  std::string padded(text);
  while (padded.size() % 4 != 0) padded += '=';
  return base64::decode(padded);
}

}  // namespace nacre::images::tar
