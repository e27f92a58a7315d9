#include "base/base64.h"

#include <array>
#include <cstdint>

namespace nacre::base64 {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i)
    values.at(static_cast<unsigned char>(kDigits[i])) = static_cast<std::uint8_t>(i);
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

std::uint32_t byte_at(std::string_view raw, std::size_t at) {
  return at < raw.size() ? static_cast<unsigned char>(raw[at]) : 0;
}

// Four digits as 24 bits; nothing if one of them is none.
std::optional<std::uint32_t> read_group(std::string_view group) {
  std::uint32_t bits = 0;
  for (const char c : group) {
    const std::uint8_t value = kValues.at(static_cast<unsigned char>(c));
    if (value == kNoDigit) return std::nullopt;
    bits = bits << 6U | value;
  }
  return bits << (6U * (4 - group.size()));
}

}  // namespace

std::string encode(std::string_view raw) {
  std::string text;
  text.reserve((raw.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < raw.size(); at += 3) {
    const std::uint32_t bits =
        byte_at(raw, at) << 16U | byte_at(raw, at + 1) << 8U | byte_at(raw, at + 2);
    text += kDigits[bits >> 18U];
    text += kDigits[bits >> 12U & 0x3FU];
    text += at + 1 < raw.size() ? kDigits[bits >> 6U & 0x3FU] : '=';
    text += at + 2 < raw.size() ? kDigits[bits & 0x3FU] : '=';
  }
  return text;
}

std::optional<std::string> decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const std::string_view digits = text.substr(0, text.size() - padding);
  std::string raw;
  raw.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < digits.size(); at += 4) {
    const auto bits = read_group(digits.substr(at, 4));
    if (!bits) return std::nullopt;
    raw += static_cast<char>(*bits >> 16U & 0xFFU);
    raw += static_cast<char>(*bits >> 8U & 0xFFU);
    raw += static_cast<char>(*bits & 0xFFU);
  }
  for (std::size_t i = 0; i < padding; ++i) {
    if (raw.back() != '\0') return std::nullopt;  // bits that no byte has
    raw.pop_back();
  }
  return raw;
}

}  // namespace nacre::base64
