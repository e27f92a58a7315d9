#include "cgroups/stats_parse.h"

#include <utility>

#include "base/text.h"

namespace nacre::cgroups {
namespace {

std::vector<std::string_view> lines_of(std::string_view content) {
  std::vector<std::string_view> lines = text::split(content, '\n');
  std::erase(lines, std::string_view());
  return lines;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words = text::split(line, ' ');
  std::erase(words, std::string_view());
  return words;
}

std::pair<std::string_view, std::string_view> cut(std::string_view whole, char at) {
  const std::size_t place = whole.find(at);
  if (place == std::string_view::npos) return {whole, {}};
  return {whole.substr(0, place), whole.substr(place + 1)};
}

// "12.34" is 1234; the kernel always writes two decimals.
std::optional<std::uint32_t> parse_hundredths(std::string_view digits) {
  const auto [whole, fraction] = cut(digits, '.');
  const auto high = text::parse_u32(whole);
  const auto low = text::parse_u32(fraction);
  if (!high || !low || fraction.size() != 2 || *high > 1000000) return std::nullopt;
  return *high * 100 + *low;
}

std::optional<PressureLine> parse_pressure_line(const std::vector<std::string_view>& words) {
  PressureLine line;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto [key, digits] = cut(words[i], '=');
    if (key == "total") {
      const auto total = text::parse_u64(digits);
      if (!total) return std::nullopt;
      line.total = *total;
      continue;
    }
    std::uint32_t* const average = key == "avg10"    ? &line.avg10
                                   : key == "avg60"  ? &line.avg60
                                   : key == "avg300" ? &line.avg300
                                                     : nullptr;
    if (average == nullptr) continue;
    const auto value = parse_hundredths(digits);
    if (!value) return std::nullopt;
    *average = *value;
  }
  return line;
}

}  // namespace

std::optional<FlatKeyed> parse_flat_keyed(std::string_view content) {
  FlatKeyed values;
  for (const std::string_view line : lines_of(content)) {
    const auto [key, digits] = cut(line, ' ');
    const auto value = text::parse_u64(text::trim(digits));
    if (!value) return std::nullopt;
    values.insert_or_assign(std::string(key), *value);
  }
  return values;
}

std::optional<Pressure> parse_pressure(std::string_view content) {
  Pressure pressure;
  for (const std::string_view line : lines_of(content)) {
    const auto words = words_of(line);
    if (words.empty() || (words[0] != "some" && words[0] != "full")) continue;
    const auto parsed = parse_pressure_line(words);
    if (!parsed) return std::nullopt;
    (words[0] == "some" ? pressure.some : pressure.full) = *parsed;
  }
  return pressure;
}

std::optional<std::vector<IoDevice>> parse_io_stat(std::string_view content) {
  std::vector<IoDevice> devices;
  for (const std::string_view line : lines_of(content)) {
    const auto words = words_of(line);
    const auto [major_digits, minor_digits] = cut(words.empty() ? line : words[0], ':');
    const auto major_number = text::parse_u64(major_digits);
    const auto minor_number = text::parse_u64(minor_digits);
    if (!major_number || !minor_number) return std::nullopt;
    IoDevice device{*major_number, *minor_number, {}};
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto [key, digits] = cut(words[i], '=');
      // Policies may add keys of another form (io.latency's "missed" words in debug mode).
      if (const auto value = text::parse_u64(digits)) device.values[std::string(key)] = *value;
    }
    // Linux 5.10 to 6.1 writes devices without any value.
    if (!device.values.empty()) devices.push_back(std::move(device));
  }
  return devices;
}

std::optional<std::map<std::string, RdmaValues>> parse_rdma(std::string_view content) {
  std::map<std::string, RdmaValues> devices;
  for (const std::string_view line : lines_of(content)) {
    const auto words = words_of(line);
    if (words.empty()) continue;
    RdmaValues values;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto [key, digits] = cut(words[i], '=');
      const auto limit = parse_limit(digits);
      if (!limit) return std::nullopt;
      if (key == "hca_handle") values.hca_handles = limit->value;
      if (key == "hca_object") values.hca_objects = limit->value;
    }
    devices[std::string(words[0])] = values;
  }
  return devices;
}

std::optional<Limit> parse_limit(std::string_view content) {
  const std::string_view word = text::trim(content);
  if (word == "max") return Limit{};
  const auto value = text::parse_u64(word);
  if (!value) return std::nullopt;
  return Limit{value};
}

}  // namespace nacre::cgroups
