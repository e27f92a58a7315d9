// Small text tools for the layers that may not use streams or a formatting library.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::text {

// One part of a text: a view, a character, or a decimal integer in a buffer of its own. Lives no
// longer than what it was made from.
class Piece {
 public:
  template <class T>
    requires std::convertible_to<const T&, std::string_view>
  Piece(const T& text) : view_(text) {}  // NOLINT(google-explicit-constructor)
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Piece(T number) {  // NOLINT(google-explicit-constructor)
    if constexpr (std::same_as<T, char>) {
      set_character(number);
    } else if constexpr (std::signed_integral<T>) {
      set_signed(number);
    } else {
      set_unsigned(number);
    }
  }
  // The view may point into this object.
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;

  [[nodiscard]] std::string_view view() const { return view_; }

 private:
  void set_character(char character);
  void set_signed(std::int64_t number);
  void set_unsigned(std::uint64_t number);

  char digits_[20];
  std::string_view view_;
};

void append_pieces(std::string& out, const Piece* pieces, std::size_t count);

// Appends strings, characters and decimal integers.
template <class... Parts>
void append(std::string& out, const Parts&... parts) {
  const Piece pieces[] = {Piece(parts)...};
  append_pieces(out, pieces, sizeof...(parts));
}

template <class... Parts>
[[nodiscard]] std::string join(const Parts&... parts) {
  const Piece pieces[] = {Piece(parts)...};
  std::string out;
  append_pieces(out, pieces, sizeof...(parts));
  return out;
}

// Go's %q for what appears in our messages: double quotes, with \" \\ \n \t \r and \xNN escapes.
[[nodiscard]] std::string quote(std::string_view raw);

// Strict decimal: digits only, no sign for unsigned, no blanks, out of range is nothing (never a
// wrap).
[[nodiscard]] std::optional<std::uint64_t> parse_u64(std::string_view digits);
[[nodiscard]] std::optional<std::uint32_t> parse_u32(std::string_view digits);
[[nodiscard]] std::optional<std::int64_t> parse_i64(std::string_view digits);

[[nodiscard]] std::vector<std::string_view> split(std::string_view line, char separator);
[[nodiscard]] std::string_view trim(std::string_view raw);  // blanks, tabs, newlines at both ends
[[nodiscard]] std::string join_with(const std::vector<std::string>& parts,
                                    std::string_view separator);
[[nodiscard]] std::string octal(std::uint32_t value);  // "0644"

}  // namespace nacre::text
