// Small text tools for the layers that may not use streams or a formatting library.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::text {

namespace detail {
inline std::size_t size_hint(std::string_view part) { return part.size(); }
inline std::size_t size_hint(std::integral auto) { return 20; }
inline void append_one(std::string& out, std::string_view part) { out += part; }
inline void append_one(std::string& out, char part) { out += part; }
template <std::integral T>
  requires(!std::same_as<T, char> && !std::same_as<T, bool>)
void append_one(std::string& out, T number) {
  out += std::to_string(number);
}
}  // namespace detail

// Appends strings, characters and decimal integers.
template <class... Parts>
void append(std::string& out, const Parts&... parts) {
  (detail::append_one(out, parts), ...);
}

template <class... Parts>
[[nodiscard]] std::string join(const Parts&... parts) {
  std::string out;
  out.reserve((detail::size_hint(parts) + ... + 0));
  append(out, parts...);
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
