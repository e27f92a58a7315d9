// The words of a TOML document. Internal to toml.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nacre::images::registry::toml {

// Decimal, with single underscores between digits, within 64 bits.
[[nodiscard]] std::optional<std::int64_t> read_integer(std::string_view word);

class Scanner {
 public:
  Scanner(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] bool sees(char c) const { return !at_end() && text_[at_] == c; }
  bool take(char c);
  void skip_blanks();
  void skip_lines();  // blanks, comments and line ends
  [[nodiscard]] Result<void> end_of_line();

  [[nodiscard]] Result<std::string> key_part();  // bare or quoted
  [[nodiscard]] Result<std::string> string();    // "with escapes" or 'as it is', on one line
  [[nodiscard]] std::string_view word();         // up to a blank, a comma, a bracket, a comment

  [[nodiscard]] std::uint32_t line() const { return line_; }
  // invalid_argument: `name: line 7: why`
  [[nodiscard]] Error error(std::string_view why) const;

 private:
  [[nodiscard]] bool sees_line_end() const;
  void skip_comment();
  [[nodiscard]] Result<void> escape(std::string& out);
  [[nodiscard]] Result<void> unicode(std::string& out, std::size_t digits);

  std::string_view text_;
  std::string_view name_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace nacre::images::registry::toml
