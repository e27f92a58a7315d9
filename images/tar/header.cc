#include "images/tar/header.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>

#include "base/text.h"

namespace nacre::images::tar {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLastSecond = kMax / 1'000'000'000;
constexpr std::uint32_t kPermissionBits = 07777;

constexpr std::size_t kGnuTimes = 24;     // access and change time, where ustar has the prefix
constexpr std::size_t kStarPrefix = 131;  // star keeps its times behind a shorter prefix
constexpr std::string_view kStarTrailer{"tar\0", 4};

bool is_blank(char c) { return c == ' ' || c == '\0'; }

Result<Number> parse_octal(std::string_view field) {
  std::size_t at = 0;
  while (at < field.size() && field[at] == ' ') ++at;
  std::uint64_t value = 0;  // 12 digits are 36 bits
  for (; at < field.size() && field[at] >= '0' && field[at] <= '7'; ++at)
    value = value << 3U | static_cast<std::uint64_t>(field[at] - '0');
  for (; at < field.size(); ++at) {
    if (!is_blank(field[at]))
      return fail(invalid_argument(text::join(text::quote(field), " is not an octal number")));
  }
  return Number{static_cast<std::int64_t>(value), false};
}

Number parse_base256(std::string_view field) {
  // The top bit says base-256, the one below it is the sign.
  const bool negative = (static_cast<unsigned char>(field[0]) & 0x40U) != 0;
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  bool exceeds = false;
  for (std::size_t i = 0; i < field.size(); ++i) {
    auto byte = static_cast<unsigned char>(field[i]);
    if (i == 0) byte = static_cast<unsigned char>(negative ? byte | 0x80U : byte & 0x7FU);
    const auto top = static_cast<std::int64_t>(value) >> 55U;  // what a shift by 8 would lose
    exceeds = exceeds || (top != 0 && top != -1);
    value = value << 8U | byte;
  }
  if (exceeds) return {negative ? kMin : kMax, true};
  return {static_cast<std::int64_t>(value), false};
}

Format format_of(const RawHeader& raw) {
  const std::string_view magic = whole_field(raw.magic);
  if (magic == "ustar " && raw.version[0] == ' ' && raw.version[1] == '\0') return Format::kGnu;
  if (magic != std::string_view("ustar\0", sizeof raw.magic)) return Format::kV7;
  const std::string_view trailer = whole_field(raw.rest).substr(sizeof raw.rest - 4);
  return trailer == kStarTrailer ? Format::kStar : Format::kUstar;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool holds_gnu_times(const RawHeader& raw) {
  const std::string_view times = whole_field(raw.prefix).substr(0, kGnuTimes);
  return parse_number(times.substr(0, kGnuTimes / 2)) && parse_number(times.substr(kGnuTimes / 2));
}

std::string_view prefix_of(const RawHeader& raw, Format format) {
  if (raw.prefix[0] == '\0' || format == Format::kV7) return {};
  const std::string_view prefix = field_text(raw.prefix);
  if (format == Format::kStar) return prefix.substr(0, kStarPrefix);
  if (format == Format::kUstar) return prefix;
  return !holds_gnu_times(raw) && is_ascii(prefix) ? prefix : std::string_view{};
}

std::string path_of(const RawHeader& raw, Format format) {
  const std::string_view prefix = prefix_of(raw, format);
  const std::string_view name = field_text(raw.name);
  return prefix.empty() ? std::string(name) : text::join(prefix, '/', name);
}

Result<void> check_sum(const RawHeader& raw) {
  const Number stored = NACRE_TRY_CTX(parse_number(whole_field(raw.checksum)), "checksum");
  const Sums sums = checksums(raw);
  if (stored.value == sums.with_signs || stored.value == static_cast<std::int64_t>(sums.plain))
    return {};
  return fail(invalid_argument(text::join("the header's checksum is ", stored.value,
                                          ", but its bytes add up to ", sums.plain)));
}

Result<void> parse_numbers(const RawHeader& raw, Header& header) {
  const Number mode = NACRE_TRY_CTX(parse_number(whole_field(raw.mode)), "mode");
  header.mode = static_cast<std::uint32_t>(mode.value) & kPermissionBits;
  header.uid = NACRE_TRY(parse_count(whole_field(raw.uid), "uid"));
  header.gid = NACRE_TRY(parse_count(whole_field(raw.gid), "gid"));
  header.size = NACRE_TRY(parse_count(whole_field(raw.size), "size"));
  const Number mtime = NACRE_TRY_CTX(parse_number(whole_field(raw.mtime)), "mtime");
  header.mtime = clamp_time(mtime.value, 0);
  return {};
}

// Only of devices: elsewhere these fields hold whatever a writer left there.
Result<void> parse_device(const RawHeader& raw, Header& header) {
  if (header.type != '3' && header.type != '4') return {};
  header.device_major = NACRE_TRY(parse_count(whole_field(raw.major), "device major"));
  header.device_minor = NACRE_TRY(parse_count(whole_field(raw.minor), "device minor"));
  return {};
}

}  // namespace

Result<Number> parse_number(std::string_view field) {
  if (!field.empty() && (static_cast<unsigned char>(field[0]) & 0x80U) != 0)
    return parse_base256(field);
  return parse_octal(field);
}

Result<std::uint64_t> parse_count(std::string_view field, std::string_view what) {
  const Number number = NACRE_TRY_CTX(parse_number(field), what);
  if (number.value < 0) return fail(invalid_argument(text::join(what, " is negative")));
  if (number.exceeds) return fail(invalid_argument(text::join(what, " exceeds 63 bits")));
  return static_cast<std::uint64_t>(number.value);
}

Time clamp_time(std::int64_t seconds, std::uint32_t nanoseconds) {
  if (seconds > kLastSecond) return {kLastSecond, 0};
  if (seconds < -kLastSecond) return {-kLastSecond, 0};
  return {seconds, nanoseconds};
}

Sums checksums(const RawHeader& raw) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(&raw);
  std::uint32_t sum = 0;
  std::uint32_t high = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    sum += bytes[i];
    high += bytes[i] >> 7U;
  }
  for (const char c : raw.checksum) {
    const auto byte = static_cast<unsigned char>(c);
    sum = sum - byte + ' ';
    high -= byte >> 7U;
  }
  return {sum, std::int64_t{sum} - 256 * std::int64_t{high}};
}

bool is_zero(const RawHeader& raw) {
  static constexpr RawHeader kZero{};
  return raw.name[0] == '\0' && std::memcmp(&raw, &kZero, kBlock) == 0;
}

Result<Header> parse_header(const RawHeader& raw) {
  NACRE_TRY(check_sum(raw));
  Header header;
  header.format = format_of(raw);
  header.type = raw.type == '\0' ? '0' : raw.type;
  header.path = path_of(raw, header.format);
  header.link = field_text(raw.link);
  NACRE_TRY_CTX(parse_numbers(raw, header), text::quote(header.path));
  NACRE_TRY_CTX(parse_device(raw, header), text::quote(header.path));
  if (header.format != Format::kV7) {
    header.uname = field_text(raw.uname);
    header.gname = field_text(raw.gname);
  }
  return header;
}

}  // namespace nacre::images::tar
