#include "images/registry/toml_scanner.h"

#include <charconv>

#include "base/text.h"

namespace nacre::images::registry::toml {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '-';
}
bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80U) {
    byte(code);
  } else if (code < 0x800U) {
    byte(0xc0U | code >> 6U);
    byte(0x80U | (code & 0x3fU));
  } else if (code < 0x10000U) {
    byte(0xe0U | code >> 12U);
    byte(0x80U | (code >> 6U & 0x3fU));
    byte(0x80U | (code & 0x3fU));
  } else {
    byte(0xf0U | code >> 18U);
    byte(0x80U | (code >> 12U & 0x3fU));
    byte(0x80U | (code >> 6U & 0x3fU));
    byte(0x80U | (code & 0x3fU));
  }
}

}  // namespace

std::optional<std::int64_t> read_integer(std::string_view word) {
  std::string digits;
  std::string_view rest = word;
  if (rest.starts_with('-')) digits = "-";
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty() || (rest.size() > 1 && rest.front() == '0')) return std::nullopt;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const bool between =
        i > 0 && i + 1 < rest.size() && is_digit(rest[i - 1]) && is_digit(rest[i + 1]);
    if (rest[i] == '_' && between) continue;
    if (!is_digit(rest[i])) return std::nullopt;
    digits += rest[i];
  }
  return text::parse_i64(digits);
}

Error Scanner::error(std::string_view why) const {
  return invalid_argument(text::join(name_, ": line ", line_, ": ", why));
}

bool Scanner::take(char c) {
  if (!sees(c)) return false;
  ++at_;
  return true;
}
void Scanner::skip_blanks() {
  while (sees(' ') || sees('\t')) ++at_;
}
bool Scanner::sees_line_end() const { return sees('\n') || text_.substr(at_, 2) == "\r\n"; }
void Scanner::skip_comment() {
  if (!sees('#')) return;
  while (!at_end() && !sees('\n')) ++at_;
}
void Scanner::skip_lines() {
  for (;;) {
    skip_blanks();
    skip_comment();
    if (!sees_line_end()) return;
    at_ += sees('\r') ? 2U : 1U;
    ++line_;
  }
}
Result<void> Scanner::end_of_line() {
  skip_blanks();
  skip_comment();
  if (at_end() || sees_line_end()) return {};
  return fail(error("something stands behind the end"));
}

Result<std::string> Scanner::key_part() {
  if (sees('"') || sees('\'')) return string();
  const std::size_t begin = at_;
  while (!at_end() && is_bare(text_[at_])) ++at_;
  if (at_ == begin) return fail(error("a name is missing or malformed"));
  return std::string(text_.substr(begin, at_ - begin));
}

Result<std::string> Scanner::string() {
  const char quote = text_[at_];
  if (text_.substr(at_, 3) == std::string(3, quote))
    return fail(error("strings of several lines are not read"));
  ++at_;
  std::string out;
  while (!at_end()) {
    const char c = text_[at_++];
    if (c == quote) return out;
    if (is_control(c)) break;
    if (c == '\\' && quote == '"') {
      NACRE_TRY(escape(out));
    } else {
      out += c;
    }
  }
  return fail(error("a string has no end on its line"));
}

Result<void> Scanner::escape(std::string& out) {
  static constexpr std::string_view kNames = "btnfr\"\\";
  static constexpr std::string_view kValues = "\b\t\n\f\r\"\\";
  if (at_end()) return fail(error("a string has no end on its line"));
  const char c = text_[at_++];
  if (c == 'u') return unicode(out, 4);
  if (c == 'U') return unicode(out, 8);
  const std::size_t known = kNames.find(c);
  if (known == std::string_view::npos) return fail(error("an unknown escape in a string"));
  out += kValues[known];
  return {};
}

Result<void> Scanner::unicode(std::string& out, std::size_t digits) {
  const std::string_view hex = text_.substr(at_, digits);
  std::uint32_t code = 0;
  const auto [end, problem] = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
  const bool read =
      problem == std::errc{} && end == hex.data() + hex.size() && hex.size() == digits;
  const bool surrogate = code >= 0xd800U && code <= 0xdfffU;
  if (!read || code == 0 || surrogate || code > 0x10ffffU)
    return fail(error("an escape that is no character"));
  at_ += digits;
  append_utf8(out, code);
  return {};
}

std::string_view Scanner::word() {
  const std::size_t end = text_.find_first_of(" \t\r\n,]}#", at_);
  const std::string_view out = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
  at_ += out.size();
  return out;
}

}  // namespace nacre::images::registry::toml
