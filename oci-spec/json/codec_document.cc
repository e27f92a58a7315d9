#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "oci-spec/json/document.h"
#include "oci-spec/json/path.h"
#include "oci-spec/json/utf8.h"

namespace nacre::json {

namespace {

// An array or object that is still open, and how far in it we are.
struct Open {
  std::uint32_t container = 0;
  std::uint32_t last_child = 0;  // 0: none yet; the root is nobody's child
  std::size_t children = 0;
};

}  // namespace

// The lexer's listener. Every function answers "go on?"; the first no leaves error_ behind.
// The names are the library's.
class DocumentBuilder {
 public:
  DocumentBuilder(std::string_view bytes, const Limits& limits) : bytes_(bytes), limits_(limits) {
    // Unescaped text is never longer than its source, so that one allocation is enough.
    document_.text_.reserve(bytes.size());
  }

  bool null() { return add(Kind::kNull); }
  bool boolean(bool value) { return add(value ? Kind::kTrue : Kind::kFalse); }
  bool number_integer(std::int64_t value) {
    // "-0" comes here too.
    return add(value < 0 ? Kind::kNegative : Kind::kUnsigned, static_cast<std::uint64_t>(value));
  }
  bool number_unsigned(std::uint64_t value) { return add(Kind::kUnsigned, value); }
  bool number_float(double /*value*/, const std::string& source) {
    return add(Kind::kOtherNumber, 0, source);
  }
  bool string(const std::string& value) { return add(Kind::kString, 0, value); }
  bool binary(const std::vector<std::uint8_t>& /*value*/) { return false; }  // not in JSON text

  bool start_object(std::size_t /*unknown*/) { return open(Kind::kObject); }
  bool start_array(std::size_t /*unknown*/) { return open(Kind::kArray); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(const std::string& name) {
    key_at_ = append_text(name);
    key_size_ = static_cast<std::uint32_t>(name.size());
    value_is_next_ = true;
    return true;
  }

  bool parse_error(std::size_t bytes_read, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*reason*/) {
    const std::size_t bad = find_invalid_utf8(bytes_);
    if (bytes_read > bytes_.size()) {
      refuse("truncated", bytes_.size());
    } else if (bad < bytes_read) {
      refuse("invalid UTF-8", bad);
    } else {
      refuse("syntax error", bytes_read == 0 ? 0 : bytes_read - 1);
    }
    return false;
  }

  Result<Document> take() && {
    if (error_) return fail(*std::move(error_));
    return std::move(document_);
  }

 private:
  std::uint32_t append_text(const std::string& raw) {
    const std::size_t at = document_.text_.size();
    document_.text_ += raw;
    return static_cast<std::uint32_t>(at);
  }

  bool add(Kind kind, std::uint64_t number = 0, const std::string& raw = {}) {
    std::vector<Document::Value>& values = document_.values_;
    const auto index = static_cast<std::uint32_t>(values.size());
    if (index >= limits_.values) {
      error_ = invalid_argument(text::join("more than ", limits_.values, " values", place()));
      return false;
    }
    Document::Value value{.kind = kind, .next = index + 1, .number = number};
    value.text_size = static_cast<std::uint32_t>(raw.size());
    value.text_at = append_text(raw);
    value_is_next_ = false;
    if (!open_.empty()) {
      open_.back().last_child = index;
      open_.back().children++;
      if (values[open_.back().container].kind == Kind::kObject) {
        value.key_at = key_at_;
        value.key_size = key_size_;
      }
    }
    values.push_back(value);
    return true;
  }

  bool open(Kind kind) {
    if (open_.size() >= limits_.depth) {
      error_ =
          invalid_argument(text::join("nested more than ", limits_.depth, " levels deep", place()));
      return false;
    }
    if (!add(kind)) return false;
    open_.push_back({.container = static_cast<std::uint32_t>(document_.values_.size() - 1)});
    return true;
  }

  bool close() {
    document_.values_[open_.back().container].next =
        static_cast<std::uint32_t>(document_.values_.size());
    open_.pop_back();
    return true;
  }

  void refuse(std::string_view what, std::size_t offset) {
    error_ = invalid_argument(text::join(what, " at byte ", offset, place()));
  }

  // ", in process.args[1]": the value that is being read, if it is known.
  [[nodiscard]] std::string place() const {
    constexpr std::size_t kLongest = 512;  // of hostile nesting the beginning will do
    std::string path;
    for (std::size_t level = 0; level < open_.size(); ++level) {
      if (path.size() > kLongest) return ", in " + path + "...";
      const Open& open = open_[level];
      const bool innermost = level + 1 == open_.size();
      if (document_.values_[open.container].kind == Kind::kArray) {
        append_index(path, innermost ? open.children : open.children - 1);
      } else if (!innermost) {
        append_key(path, document_.key(document_.values_[open.last_child]));
      } else if (value_is_next_) {
        append_key(path, std::string_view(document_.text_).substr(key_at_, key_size_));
      }
    }
    return path.empty() ? path : ", in " + path;
  }

  std::string_view bytes_;
  Limits limits_;
  Document document_;
  std::vector<Open> open_;
  std::uint32_t key_at_ = 0;
  std::uint32_t key_size_ = 0;
  bool value_is_next_ = false;  // of the key above
  std::optional<Error> error_;
};

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kFalse:
    case Kind::kTrue:
      return "a boolean";
    case Kind::kUnsigned:
    case Kind::kNegative:
    case Kind::kOtherNumber:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "nothing";
}

Result<Document> Document::parse(std::string_view bytes, const Limits& limits) {
  if (bytes.size() > limits.bytes || bytes.size() > std::numeric_limits<std::uint32_t>::max())
    return fail(invalid_argument(text::join("larger than ", limits.bytes, " bytes")));
  // The lexer takes a NUL byte for the end and would not look at what follows.
  const std::size_t nul = bytes.find('\0');
  if (nul != std::string_view::npos)
    return fail(invalid_argument(text::join("NUL byte at byte ", nul)));
  DocumentBuilder builder(bytes, limits);
  // The listener carries the outcome; the returned bool says the same.
  static_cast<void>(nlohmann::json::sax_parse(bytes.begin(), bytes.end(), &builder));
  return std::move(builder).take();
}

}  // namespace nacre::json
