#include "oci-spec/json/writer.h"

#include "base/text.h"
#include "oci-spec/json/utf8.h"

namespace nacre::json {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

void append_control(std::string& out, unsigned char byte) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (byte) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      text::append(out, "\\u00", kHex[byte >> 4U], kHex[byte & 0xFU]);
  }
}

}  // namespace

void Writer::key(std::string_view name) {
  before_value();
  append_quoted(name);
  out_ += indent_.empty() ? ":" : ": ";
  after_key_ = true;
}

void Writer::string(std::string_view value) {
  before_value();
  append_quoted(value);
}

void Writer::number(std::uint64_t value) {
  before_value();
  text::append(out_, value);
}

void Writer::number(std::int64_t value) {
  before_value();
  text::append(out_, value);
}

void Writer::boolean(bool value) {
  before_value();
  out_ += value ? "true" : "false";
}

void Writer::null() {
  before_value();
  out_ += "null";
}

void Writer::begin(char bracket) {
  before_value();
  out_ += bracket;
  ++depth_;
  first_ = true;
}

void Writer::end(char bracket) {
  --depth_;
  if (!first_) new_line();
  out_ += bracket;
  first_ = false;
}

void Writer::before_value() {
  if (after_key_) {
    after_key_ = false;
    first_ = false;
    return;
  }
  if (depth_ > 0) {
    if (!first_) out_ += ',';
    new_line();
  }
  first_ = false;
}

void Writer::new_line() {
  if (indent_.empty()) return;
  out_ += '\n';
  for (std::size_t level = 0; level < depth_; ++level) out_ += indent_;
}

void Writer::append_quoted(std::string_view raw) {
  out_ += '"';
  while (!raw.empty()) {
    const auto byte = static_cast<unsigned char>(raw.front());
    const std::size_t length = utf8_length(raw);
    if (length == 0) {
      out_ += kReplacement;
    } else if (byte < 0x20 || byte == 0x7F) {
      append_control(out_, byte);
    } else if (byte == '"' || byte == '\\') {
      text::append(out_, '\\', raw.front());
    } else {
      out_ += raw.substr(0, length);
    }
    raw.remove_prefix(length == 0 ? 1 : length);
  }
  out_ += '"';
}

}  // namespace nacre::json
