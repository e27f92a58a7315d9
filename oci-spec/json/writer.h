// Writes JSON text, compact or indented. The caller keeps begin/end and key/value in order.
//
// Output is valid UTF-8 whatever is given: a byte that is not part of a well-formed character is
// written as U+FFFD. Allocates; not for use between clone and exec.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nacre::json {

class Writer {
 public:
  // Empty: compact, on one line. Otherwise the text that indents one level.
  explicit Writer(std::string_view indent = {}) : indent_(indent) {}

  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }
  void key(std::string_view name);

  void string(std::string_view value);
  void number(std::uint64_t value);
  void number(std::int64_t value);
  void boolean(bool value);
  void null();

  // The text so far, without a newline at its end.
  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  void begin(char bracket);
  void end(char bracket);
  void before_value();
  void new_line();
  void append_quoted(std::string_view raw);

  std::string indent_;
  std::string out_;
  std::size_t depth_ = 0;
  bool first_ = true;       // nothing stands yet in the innermost container
  bool after_key_ = false;  // the value of a key is next
};

}  // namespace nacre::json
