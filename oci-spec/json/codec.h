// How a C++ value is read from and written to JSON: one Codec<T> for each type.
//
// Reading is strict: the JSON type must be the expected one, numbers must be whole and in the range
// of T, strings must not contain NUL (all of them become arguments, names or paths in C). Errors
// are invalid_argument and name the place. Structs get their Codec from a table: fields.h.
#pragma once

#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "oci-spec/json/cursor.h"
#include "oci-spec/json/writer.h"

namespace nacre::json {

template <class T>
struct Codec;

template <>
struct Codec<bool> {
  static Result<void> read(const Cursor& at, bool& out);
  static void write(Writer& out, bool value) { out.boolean(value); }
};

template <>
struct Codec<std::string> {
  static Result<void> read(const Cursor& at, std::string& out);
  static void write(Writer& out, const std::string& value) { out.string(value); }
};

// Within [least, most]; `wanted` is for the message: "an unsigned 32-bit number".
Result<std::uint64_t> read_unsigned(const Cursor& at, std::uint64_t most, std::string_view wanted);
Result<std::int64_t> read_signed(const Cursor& at, std::int64_t least, std::int64_t most,
                                 std::string_view wanted);

template <std::integral T>
constexpr std::string_view number_name() {
  if (std::same_as<T, std::uint16_t>) return "an unsigned 16-bit number";
  if (std::same_as<T, std::uint32_t>) return "an unsigned 32-bit number";
  if (std::same_as<T, std::uint64_t>) return "an unsigned 64-bit number";
  if (std::same_as<T, std::int32_t>) return "a 32-bit number";
  return "a 64-bit number";
}

template <std::unsigned_integral T>
struct Codec<T> {
  static Result<void> read(const Cursor& at, T& out) {
    out = static_cast<T>(
        NACRE_TRY(read_unsigned(at, std::numeric_limits<T>::max(), number_name<T>())));
    return {};
  }
  static void write(Writer& out, T value) { out.number(std::uint64_t{value}); }
};

template <std::signed_integral T>
struct Codec<T> {
  static Result<void> read(const Cursor& at, T& out) {
    out = static_cast<T>(NACRE_TRY(read_signed(at, std::numeric_limits<T>::min(),
                                               std::numeric_limits<T>::max(), number_name<T>())));
    return {};
  }
  static void write(Writer& out, T value) { out.number(std::int64_t{value}); }
};

template <class T>
struct Codec<std::optional<T>> {
  static Result<void> read(const Cursor& at, std::optional<T>& out) {
    return Codec<T>::read(at, out.emplace());
  }
  static void write(Writer& out, const std::optional<T>& value) {
    if (value) {
      Codec<T>::write(out, *value);
    } else {
      out.null();
    }
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static Result<void> read(const Cursor& at, std::vector<T>& out) {
    NACRE_TRY(at.expect(Kind::kArray));
    std::size_t position = 0;
    for (auto i = at.first_child(); i != at.end_of_children(); i = at.next_child(i))
      NACRE_TRY(Codec<T>::read(at.element(i, position++), out.emplace_back()));
    return {};
  }
  static void write(Writer& out, const std::vector<T>& values) {
    out.begin_array();
    for (const T& value : values) Codec<T>::write(out, value);
    out.end_array();
  }
};

// Free-form keys. A key that is given twice has its last value.
template <class T>
struct Codec<std::map<std::string, T>> {
  static Result<void> read(const Cursor& at, std::map<std::string, T>& out) {
    NACRE_TRY(at.expect(Kind::kObject));
    for (auto i = at.first_child(); i != at.end_of_children(); i = at.next_child(i)) {
      const Cursor member = at.member(i);
      const std::string_view key = at.key_of(i);
      if (key.find('\0') != std::string_view::npos)
        return fail(member.error("a key may not contain a NUL character"));
      T value{};
      NACRE_TRY(Codec<T>::read(member, value));
      out.insert_or_assign(std::string(key), std::move(value));
    }
    return {};
  }
  static void write(Writer& out, const std::map<std::string, T>& values) {
    out.begin_object();
    for (const auto& [key, value] : values) {
      out.key(key);
      Codec<T>::write(out, value);
    }
    out.end_object();
  }
};

}  // namespace nacre::json
