// One header block, as it stands in the archive: v7, ustar, star and GNU. Pure.
//
// Where parsers differ, one rule each:
//  - A number is octal (blanks before it, a NUL or blank behind it, nothing else; an empty field
//    is 0) or, with the first bit set, a big-endian two's complement number ("base-256").
//  - The checksum may be the sum of unsigned or of signed characters: both were written once.
//  - The prefix belongs to the path in ustar and star. GNU has times there, except that Go before
//    1.8 wrote a prefix with GNU's magic: what cannot be two times is taken for one.
#pragma once

#include <array>
#include <string>

#include "images/stream/stream.h"
#include "images/tar/entry.h"

namespace nacre::images::tar {

inline constexpr std::size_t kBlock = 512;

struct RawHeader {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8];
  char type;
  char link[100];
  char magic[6];
  char version[2];
  char uname[32];
  char gname[32];
  char major[8];
  char minor[8];
  char prefix[155];
  char rest[12];
};
static_assert(sizeof(RawHeader) == kBlock);

enum class Format : std::uint8_t { kV7, kUstar, kStar, kGnu };

struct Header {
  Format format = Format::kV7;
  char type = '0';
  std::string path;
  std::string link;
  std::uint32_t mode = 0;
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::uint64_t size = 0;
  Time mtime;
  std::string uname, gname;
  std::uint64_t device_major = 0;
  std::uint64_t device_minor = 0;
};

// A number's value, held at the end of the range that it exceeds.
struct Number {
  std::int64_t value = 0;
  bool exceeds = false;
};
// invalid_argument: neither form.
[[nodiscard]] Result<Number> parse_number(std::string_view field);
// The same for what cannot be negative or exceed 63 bits; `what` names the field in the message.
[[nodiscard]] Result<std::uint64_t> parse_count(std::string_view field, std::string_view what);

[[nodiscard]] bool is_zero(const RawHeader& raw);
[[nodiscard]] Result<Header> parse_header(const RawHeader& raw);

// Up to the first NUL or the field's end.
template <std::size_t N>
[[nodiscard]] std::string_view field_text(const char (&field)[N]) {
  const std::string_view whole(field, N);
  return whole.substr(0, whole.find('\0'));
}
template <std::size_t N>
[[nodiscard]] std::string_view whole_field(const char (&field)[N]) {
  return {field, N};
}

// Times that 64-bit nanoseconds cannot hold (before 1677, after 2262) become the nearest that they
// can: file systems end earlier still, and the engines beside this one count in nanoseconds.
[[nodiscard]] Time clamp_time(std::int64_t seconds, std::uint32_t nanoseconds);

// Both sums over a header block, the checksum's own field taken as blanks.
struct Sums {
  std::uint64_t plain = 0;
  std::int64_t with_signs = 0;
};
[[nodiscard]] Sums checksums(const RawHeader& raw);

}  // namespace nacre::images::tar
