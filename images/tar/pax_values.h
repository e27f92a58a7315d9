// How values are written in pax records. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/tar/entry.h"

namespace nacre::images::tar {

// Decimal digits, at most 63 bits.
[[nodiscard]] Result<std::uint64_t> parse_decimal(std::string_view digits);
// `[-]digits[.digits]`; what lies below a nanosecond is cut off, what no Time holds is clamped.
[[nodiscard]] Result<Time> parse_time(std::string_view text);
// The same spelt out, without zeros at the end.
[[nodiscard]] std::string time_text(const Time& time);

// "offset,size,offset,size..." of GNU.sparse.map.
[[nodiscard]] Result<std::vector<Extent>> parse_map(std::string_view text, std::size_t max_extents);

// A name behind SCHILY.xattr.: GNU tar writes '=' as %3D and '%' as %25, others write them plain.
[[nodiscard]] std::string decode_schily_name(std::string_view name);
// A name behind LIBARCHIVE.xattr.: any character may be %XX. Nothing if an escape is broken or NUL.
[[nodiscard]] std::optional<std::string> decode_percent(std::string_view name);
[[nodiscard]] std::string encode_percent(std::string_view name);
// libarchive writes base64 without padding; with padding is accepted too.
[[nodiscard]] std::optional<std::string> decode_loose_base64(std::string_view text);

}  // namespace nacre::images::tar
