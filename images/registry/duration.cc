#include <array>

#include "base/text.h"
#include "images/registry/hosts_toml.h"

namespace nacre::images::registry {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array<Unit, 4> kUnits = {{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};

bool is_number(char c) { return (c >= '0' && c <= '9') || c == '.'; }

// "1.25" of a unit; at most nine digits before and three after the point.
std::optional<std::int64_t> scaled(std::string_view number, std::int64_t unit) {
  const std::size_t point = number.find('.');
  const std::string_view whole = number.substr(0, point);
  const auto value = text::parse_u32(whole);
  if (!value || whole.size() > 9) return std::nullopt;
  std::int64_t out = std::int64_t{*value} * unit;
  if (point == std::string_view::npos) return out;
  const std::string_view digits = number.substr(point + 1);
  const auto fraction = text::parse_u32(digits);
  if (!fraction || digits.size() > 3) return std::nullopt;
  std::int64_t scale = 1;
  for (std::size_t i = 0; i < digits.size(); ++i) scale *= 10;
  return out + std::int64_t{*fraction} * unit / scale;
}

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size() && is_number(text[end])) ++end;
    const std::string_view number = text.substr(0, end);
    text.remove_prefix(end);
    end = 0;
    while (end < text.size() && !is_number(text[end])) ++end;
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(end);
    std::optional<std::int64_t> part;
    for (const Unit& unit : kUnits)
      if (unit.name == name) part = scaled(number, unit.milliseconds);
    if (!part) return std::nullopt;
    total += *part;
  }
  return Milliseconds(total);
}

}  // namespace nacre::images::registry
