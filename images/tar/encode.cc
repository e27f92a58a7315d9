#include "images/tar/encode.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "base/base64.h"
#include "base/text.h"
#include "images/tar/header.h"
#include "images/tar/pax_values.h"

namespace nacre::images::tar {
namespace {

constexpr std::uint64_t kMaxId = 07777777;        // seven digits and a NUL
constexpr std::uint64_t kMaxSize = 077777777777;  // eleven
constexpr std::string_view kPaxName = "././@PaxHeader";

char type_flag(Type type) {
  switch (type) {
    case Type::kHardLink:
      return '1';
    case Type::kSymlink:
      return '2';
    case Type::kCharDevice:
      return '3';
    case Type::kBlockDevice:
      return '4';
    case Type::kDirectory:
      return '5';
    case Type::kFifo:
      return '6';
    default:
      return '0';
  }
}

bool is_device(Type type) { return type == Type::kCharDevice || type == Type::kBlockDevice; }
bool is_link(Type type) { return type == Type::kHardLink || type == Type::kSymlink; }

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// pax keys end at the first equals sign and values at a length: only keys and C strings are at
// risk.
Result<void> check_text(std::string_view text, std::string_view what) {
  if (!text.contains('\0')) return {};
  return fail(invalid_argument(text::join("the ", what, " contains a NUL")));
}

Result<void> check_texts(const Entry& entry) {
  if (entry.path.empty()) return fail(invalid_argument("the path is empty"));
  if (is_link(entry.type) && entry.link_target.empty())
    return fail(invalid_argument("the link has no target"));
  if (entry.type == Type::kFile && entry.path.ends_with('/'))
    return fail(invalid_argument("the path of a file ends with a slash"));
  NACRE_TRY(check_text(entry.path, "path"));
  NACRE_TRY(check_text(entry.link_target, "link target"));
  NACRE_TRY(check_text(entry.uname, "user name"));
  NACRE_TRY(check_text(entry.gname, "group name"));
  for (const auto& [name, value] : entry.xattrs) {
    if (name.empty()) return fail(invalid_argument("an extended attribute has no name"));
    NACRE_TRY(check_text(name, "name of an extended attribute"));
  }
  return {};
}

Result<void> check_numbers(const Entry& entry) {
  constexpr std::uint64_t kMax63 = std::numeric_limits<std::int64_t>::max();
  if (entry.sparse || !entry.extents.empty())
    return fail(invalid_argument("sparse files are written whole"));
  if (entry.type != Type::kFile && entry.size != 0)
    return fail(invalid_argument("only a file has data"));
  if (entry.mode > 07777) return fail(invalid_argument("the mode has more than twelve bits"));
  if (std::max({entry.size, entry.uid, entry.gid}) > kMax63)
    return fail(invalid_argument("a number exceeds 63 bits"));
  if (is_device(entry.type) && std::max(entry.device_major, entry.device_minor) > kMaxId)
    return fail(invalid_argument("no archive can hold such a device number"));
  if (entry.mtime.nanoseconds >= 1'000'000'000)
    return fail(invalid_argument("the time has more than a second of nanoseconds"));
  return {};
}

struct Split {
  std::string_view prefix;
  std::string_view name;
};

// How ustar keeps a path of up to 256 bytes: cut at a slash, which is left out. The name may not
// become empty, so the last byte's slash does not count.
std::optional<Split> split_path(std::string_view path) {
  constexpr std::size_t kName = sizeof(RawHeader::name);
  constexpr std::size_t kPrefix = sizeof(RawHeader::prefix);
  if (path.size() <= kName) return Split{{}, path};
  if (path.size() > kPrefix + 1 + kName) return std::nullopt;
  const std::size_t slash = path.find('/', path.size() - kName - 1);
  if (slash == std::string_view::npos || slash > kPrefix || slash == 0 || slash + 1 == path.size())
    return std::nullopt;
  return Split{path.substr(0, slash), path.substr(slash + 1)};
}

// The length counts itself.
void add_record(std::string& records, std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length)
    length = std::to_string(length).size() + rest;
  text::append(records, length, ' ', key, '=', value, '\n');
}

// Peers read SCHILY.xattr; they differ about names that would need escapes there, so those go the
// other way, which has one reading only.
void add_xattr(std::string& records, const std::string& name, const std::string& value) {
  const bool plain = !name.contains('=') && decode_schily_name(name) == name;
  if (plain) {
    add_record(records, text::join("SCHILY.xattr.", name), value);
  } else {
    std::string encoded = base64::encode(value);
    while (encoded.ends_with('=')) encoded.pop_back();  // as libarchive writes it
    add_record(records, text::join("LIBARCHIVE.xattr.", encode_percent(name)), encoded);
  }
}

bool fits(std::string_view text, std::size_t size) { return text.size() <= size && is_ascii(text); }

// Field by field what the header cannot hold, in an order of our own.
std::string make_records(const Entry& entry, bool path_fits) {
  std::string records;
  if (!path_fits) add_record(records, "path", entry.path);
  if (is_link(entry.type) && !fits(entry.link_target, sizeof(RawHeader::link)))
    add_record(records, "linkpath", entry.link_target);
  if (entry.size > kMaxSize) add_record(records, "size", std::to_string(entry.size));
  if (entry.uid > kMaxId) add_record(records, "uid", std::to_string(entry.uid));
  if (entry.gid > kMaxId) add_record(records, "gid", std::to_string(entry.gid));
  if (!fits(entry.uname, sizeof(RawHeader::uname) - 1)) add_record(records, "uname", entry.uname);
  if (!fits(entry.gname, sizeof(RawHeader::gname) - 1)) add_record(records, "gname", entry.gname);
  const bool whole_time = entry.mtime.nanoseconds == 0 && entry.mtime.seconds >= 0 &&
                          static_cast<std::uint64_t>(entry.mtime.seconds) <= kMaxSize;
  if (!whole_time) add_record(records, "mtime", time_text(entry.mtime));
  for (const auto& [name, value] : entry.xattrs) add_xattr(records, name, value);
  return records;
}

// What does not fit stays empty: the pax header before says it.
template <std::size_t N>
void put_text(char (&field)[N], std::string_view text, std::size_t most = N) {
  if (!text.empty() && fits(text, most)) std::memcpy(field, text.data(), text.size());
}

template <std::size_t N>
void put_number(char (&field)[N], std::uint64_t value) {
  field[N - 1] = '\0';
  if ((value >> 3U * (N - 1)) != 0) value = 0;
  for (std::size_t i = N - 1; i-- > 0; value >>= 3U)
    field[i] = static_cast<char>('0' + (value & 7U));
}

void seal(RawHeader& raw) {
  std::memcpy(raw.magic, "ustar", sizeof raw.magic);
  std::memcpy(raw.version, "00", sizeof raw.version);
  put_number(raw.major, 0);
  put_number(raw.minor, 0);
}

void append_header(std::string& out, RawHeader& raw) {
  put_number(raw.checksum, checksums(raw).plain);
  // Six digits, a NUL, a blank: so it has been since v7.
  std::memmove(raw.checksum, raw.checksum + 1, 6);
  raw.checksum[6] = '\0';
  raw.checksum[7] = ' ';
  out.append(reinterpret_cast<const char*>(&raw), sizeof raw);
}

void append_pax(std::string& out, std::string_view records) {
  RawHeader raw{};
  put_text(raw.name, kPaxName);
  put_number(raw.mode, 0644);
  put_number(raw.uid, 0);
  put_number(raw.gid, 0);
  put_number(raw.size, records.size());
  put_number(raw.mtime, 0);
  raw.type = 'x';
  seal(raw);
  append_header(out, raw);
  out += records;
  out.append((kBlock - records.size() % kBlock) % kBlock, '\0');
}

}  // namespace

Result<std::string> encode_headers(const Entry& entry) {
  NACRE_TRY(check_texts(entry));
  NACRE_TRY(check_numbers(entry));
  const auto split = is_ascii(entry.path) ? split_path(entry.path) : std::nullopt;
  const std::string records = make_records(entry, split.has_value());
  std::string out;
  out.reserve(2 * kBlock);
  if (!records.empty()) append_pax(out, records);
  RawHeader raw{};
  if (split) {
    put_text(raw.prefix, split->prefix);
    put_text(raw.name, split->name);
  }
  // Cut off where a pax header says the rest, but never empty: libarchive 3.6 takes a symlink with
  // an empty field for a hard link.
  if (is_link(entry.type))
    std::memcpy(raw.link, entry.link_target.data(),
                std::min(entry.link_target.size(), sizeof raw.link));
  put_number(raw.mode, entry.mode);
  put_number(raw.uid, entry.uid);
  put_number(raw.gid, entry.gid);
  put_number(raw.size, entry.size);
  put_number(raw.mtime,
             entry.mtime.seconds < 0 ? 0 : static_cast<std::uint64_t>(entry.mtime.seconds));
  raw.type = type_flag(entry.type);
  seal(raw);
  put_text(raw.uname, entry.uname, sizeof raw.uname - 1);
  put_text(raw.gname, entry.gname, sizeof raw.gname - 1);
  if (is_device(entry.type)) {
    put_number(raw.major, entry.device_major);
    put_number(raw.minor, entry.device_minor);
  }
  append_header(out, raw);
  return out;
}

}  // namespace nacre::images::tar
