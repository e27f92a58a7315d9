// A JSON text as one flat table of values. Strict RFC 8259, with limits for untrusted input.
//
// Values stand in document order; an object or array is followed by its children, and every value
// knows where the next one after its subtree is. One allocation for the table and one for all
// strings: no recursion to build, read or destroy it. The library that does the lexing is seen by
// codec_document.cc only. Thread safety: read-only once parsed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nacre::json {

// A container's configuration with every Docker default is about 15 KiB and 6 levels deep.
struct Limits {
  std::size_t bytes = std::size_t{16} << 20U;
  std::size_t values = std::size_t{1} << 20U;
  std::size_t depth = 64;
};

enum class Kind : std::uint8_t {
  kNull,
  kFalse,
  kTrue,
  kUnsigned,     // number: 0 .. 2^64-1
  kNegative,     // number: -2^63 .. -1, as two's complement
  kOtherNumber,  // text: has a fraction or an exponent, or does not fit 64 bits
  kString,
  kArray,
  kObject,
};

// "a string", "an object": for "expected ..., got ...".
std::string_view describe(Kind kind);

class Document {
 public:
  struct Value {
    Kind kind = Kind::kNull;
    std::uint32_t next = 0;  // index of the value after this one and its children
    std::uint32_t key_at = 0;
    std::uint32_t key_size = 0;
    std::uint32_t text_at = 0;
    std::uint32_t text_size = 0;
    std::uint64_t number = 0;
  };

  // Fails with invalid_argument and one sentence that has the byte offset (from 0) and, where one
  // is known, the place: `invalid UTF-8 at byte 98, in process.args[1]`. Refused besides malformed
  // text: NUL bytes, lone surrogates, whatever passes a limit. A key given twice is kept twice.
  [[nodiscard]] static Result<Document> parse(std::string_view bytes, const Limits& limits = {});

  [[nodiscard]] const Value& at(std::uint32_t index) const { return values_[index]; }
  [[nodiscard]] std::string_view key(const Value& value) const {
    return std::string_view(text_).substr(value.key_at, value.key_size);
  }
  [[nodiscard]] std::string_view text(const Value& value) const {
    return std::string_view(text_).substr(value.text_at, value.text_size);
  }

 private:
  friend class DocumentBuilder;
  std::vector<Value> values_;
  std::string text_;
};

}  // namespace nacre::json
