#include "base/text.h"

#include <charconv>

namespace nacre::text {
namespace {

template <class T>
std::optional<T> parse_whole(std::string_view digits) {
  T value{};
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  const auto [stop, error] = std::from_chars(begin, end, value, 10);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace

void Piece::set_character(char character) {
  digits_[0] = character;
  view_ = {digits_, 1};
}
void Piece::set_signed(std::int64_t number) {
  const auto end = std::to_chars(digits_, digits_ + sizeof digits_, number);
  view_ = {digits_, static_cast<std::size_t>(end.ptr - digits_)};
}
void Piece::set_unsigned(std::uint64_t number) {
  const auto end = std::to_chars(digits_, digits_ + sizeof digits_, number);
  view_ = {digits_, static_cast<std::size_t>(end.ptr - digits_)};
}

void append_pieces(std::string& out, const Piece* pieces, std::size_t count) {
  std::size_t size = out.size();
  for (std::size_t i = 0; i < count; ++i) size += pieces[i].view().size();
  out.reserve(size);
  for (std::size_t i = 0; i < count; ++i) out += pieces[i].view();
}

std::string quote(std::string_view raw) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      append(out, '\\', c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7f) {
      append(out, "\\x", kHex[byte >> 4U], kHex[byte & 0xfU]);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::optional<std::uint64_t> parse_u64(std::string_view digits) {
  return parse_whole<std::uint64_t>(digits);
}
std::optional<std::uint32_t> parse_u32(std::string_view digits) {
  return parse_whole<std::uint32_t>(digits);
}
std::optional<std::int64_t> parse_i64(std::string_view digits) {
  return parse_whole<std::int64_t>(digits);
}

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = line.find(separator);
    parts.push_back(line.substr(0, at));
    if (at == std::string_view::npos) return parts;
    line.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view raw) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = raw.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return raw.substr(first, raw.find_last_not_of(kBlank) - first + 1);
}

std::string join_with(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

std::string octal(std::uint32_t value) {
  char digits[16];
  const auto result = std::to_chars(digits, digits + sizeof digits, value, 8);
  return join('0', std::string_view(digits, static_cast<std::size_t>(result.ptr - digits)));
}

}  // namespace nacre::text
