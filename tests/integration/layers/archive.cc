#include "tests/integration/layers/archive.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

namespace nacre::test::layers {
namespace {

constexpr std::size_t kBlock = 512;

void octal(std::string& header, std::size_t at, std::size_t size, std::uint64_t value) {
  char digits[32];
  const int length = std::snprintf(digits, sizeof digits, "%0*llo", static_cast<int>(size - 1),
                                   static_cast<unsigned long long>(value));
  if (length < static_cast<int>(size)) {
    std::memcpy(header.data() + at, digits, static_cast<std::size_t>(length));
    return;
  }
  header[at] = static_cast<char>(0x80);  // base 256
  for (std::size_t i = 0; i < std::min<std::size_t>(8, size - 1); ++i)
    header[at + size - 1 - i] = static_cast<char>(value >> (8 * i));
}

void text(std::string& header, std::size_t at, std::size_t size, const std::string& value) {
  std::memcpy(header.data() + at, value.data(), std::min(size, value.size()));
}

void pad(std::string& out) { out.resize((out.size() + kBlock - 1) / kBlock * kBlock); }

std::string header_of(const Member& member, std::uint64_t size) {
  std::string header(kBlock, '\0');
  text(header, 0, 100, member.path);
  octal(header, 100, 8, member.mode);
  octal(header, 108, 8, member.uid);
  octal(header, 116, 8, member.gid);
  octal(header, 124, 12, size);
  octal(header, 136, 12, 1000000000);
  header[156] = member.type;
  text(header, 157, 100, member.target);
  text(header, 257, 8,
       std::string("ustar\0"
                   "00",
                   8));
  octal(header, 329, 8, member.major);
  octal(header, 337, 8, member.minor);
  std::memset(header.data() + 148, ' ', 8);
  unsigned sum = 0;
  for (const char character : header) sum += static_cast<unsigned char>(character);
  octal(header, 148, 7, sum);
  return header;
}

std::string pax_record(const std::string& key, const std::string& value) {
  const std::size_t rest = key.size() + value.size() + 3;  // blank, '=', newline
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length)
    length = std::to_string(length).size() + rest;
  return std::to_string(length) + ' ' + key + '=' + value + '\n';
}

void append(std::string& out, Member member) {
  if (member.path.size() > 100) member.pax["path"] = member.path;
  if (member.target.size() > 100) member.pax["linkpath"] = member.target;
  if (!member.pax.empty()) {
    std::string records;
    for (const auto& [key, value] : member.pax) records += pax_record(key, value);
    out += header_of({.type = 'x', .path = "pax"}, records.size()) + records;
    pad(out);
  }
  out += header_of(member, member.content.size()) + member.content;
  pad(out);
}

void replace_all(std::string& in, const std::string& what, const std::string& with) {
  for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at))
    in.replace(at, what.size(), with);
}

std::string mode_of(const struct stat& seen) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%04o", static_cast<unsigned>(seen.st_mode & 07777));
  return digits;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string device_of(const struct stat& seen) {
  return std::to_string(major(seen.st_rdev)) + ':' + std::to_string(minor(seen.st_rdev));
}

bool is_opaque(const std::filesystem::path& path) {
  char value[8];
  for (const char* name : {"trusted.overlay.opaque", "user.overlay.opaque"}) {
    if (::lgetxattr(path.c_str(), name, value, sizeof value) == 1 && value[0] == 'y') return true;
  }
  return false;
}

using Links = std::map<std::pair<dev_t, ino_t>, std::string>;

std::string line_of(const std::filesystem::path& path, const std::string& shown,
                    const struct stat& seen, Links& links) {
  if (seen.st_nlink > 1 && !S_ISDIR(seen.st_mode)) {
    const auto [first, is_new] = links.try_emplace({seen.st_dev, seen.st_ino}, shown);
    if (!is_new) return "h " + shown + " = " + first->second;
  }
  switch (seen.st_mode & S_IFMT) {
    case S_IFDIR:
      return (is_opaque(path) ? "o " : "d ") + mode_of(seen) + ' ' + shown;
    case S_IFREG:
      return "f " + mode_of(seen) + ' ' + shown + " \"" +
             (seen.st_size > 200 ? std::to_string(seen.st_size) + " bytes" : content_of(path)) +
             '"';
    case S_IFLNK:
      return "l " + shown + " -> " + std::filesystem::read_symlink(path).string();
    case S_IFCHR:
      if (seen.st_rdev == 0) return "w " + shown;
      return "c " + mode_of(seen) + ' ' + device_of(seen) + ' ' + shown;
    case S_IFBLK:
      return "b " + mode_of(seen) + ' ' + device_of(seen) + ' ' + shown;
    case S_IFIFO:
      return "p " + mode_of(seen) + ' ' + shown;
    default:
      return "s " + shown;
  }
}

std::string attributes_of(const std::filesystem::path& path) {
  std::string names(65536, '\0');
  const ssize_t size = ::llistxattr(path.c_str(), names.data(), names.size());
  names.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  std::set<std::string> found;
  for (std::istringstream in(names); std::getline(in, names, '\0');) {
    if (names.starts_with("security.selinux")) continue;
    std::string value(65536, '\0');
    const ssize_t length = ::lgetxattr(path.c_str(), names.c_str(), value.data(), value.size());
    value.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    std::string hex;
    for (const char character : value) {
      char digits[4];
      std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(character));
      hex += digits;
    }
    found.insert(' ' + names + '=' + hex);
  }
  std::string out;
  for (const std::string& one : found) out += one;
  return out;
}

template <class Line>
std::string describe_with(const std::filesystem::path& root, Line line) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::string out;
  for (const auto& path : paths) {
    struct stat seen{};
    if (::lstat(path.c_str(), &seen) != 0) {
      out += "? " + path.string() + '\n';
      continue;
    }
    out += line(path, path.lexically_relative(root).string(), seen) + '\n';
  }
  return out;
}

}  // namespace

Member file(std::string path, std::string content, std::uint32_t mode) {
  return {.path = std::move(path), .content = std::move(content), .mode = mode};
}
Member dir(std::string path, std::uint32_t mode) {
  return {.type = '5', .path = std::move(path), .mode = mode};
}
Member symlink(std::string path, std::string target) {
  return {.type = '2', .path = std::move(path), .target = std::move(target), .mode = 0777};
}
Member link(std::string path, std::string target) {
  return {.type = '1', .path = std::move(path), .target = std::move(target)};
}
Member fifo(std::string path, std::uint32_t mode) {
  return {.type = '6', .path = std::move(path), .mode = mode};
}
Member character(std::string path, std::uint64_t major, std::uint64_t minor) {
  return {.type = '3', .path = std::move(path), .major = major, .minor = minor};
}
Member block(std::string path, std::uint64_t major, std::uint64_t minor) {
  return {.type = '4', .path = std::move(path), .major = major, .minor = minor};
}
Member owned(Member member, std::uint64_t uid, std::uint64_t gid) {
  member.uid = uid;
  member.gid = gid;
  return member;
}
Member timed(Member member, std::string mtime) {
  member.pax["mtime"] = std::move(mtime);
  return member;
}
Member attributed(Member member, const std::string& name, const std::string& value) {
  member.pax["SCHILY.xattr." + name] = value;
  return member;
}

Member sparse(std::string path, std::uint64_t size,
              const std::vector<std::pair<std::uint64_t, std::string>>& runs) {
  Member member = file("GNUSparseFile.0/" + std::filesystem::path(path).filename().string());
  member.pax["GNU.sparse.major"] = "1";
  member.pax["GNU.sparse.minor"] = "0";
  member.pax["GNU.sparse.name"] = std::move(path);
  member.pax["GNU.sparse.realsize"] = std::to_string(size);
  member.content = std::to_string(runs.size()) + '\n';
  for (const auto& [offset, bytes] : runs)
    member.content += std::to_string(offset) + '\n' + std::to_string(bytes.size()) + '\n';
  pad(member.content);
  for (const auto& [offset, bytes] : runs) member.content += bytes;
  return member;
}

std::string archive(std::vector<Member> members, const std::string& outside) {
  std::string out;
  for (Member& member : members) {
    replace_all(member.path, "@OUT@", outside);
    replace_all(member.target, "@OUT@", outside);
    append(out, std::move(member));
  }
  out.resize(out.size() + 2 * kBlock);
  return out;
}

std::string describe(const std::filesystem::path& root) {
  Links links;
  return describe_with(root,
                       [&](const auto& path, const std::string& shown, const struct stat& seen) {
                         return line_of(path, shown, seen, links);
                       });
}

std::string describe_fully(const std::filesystem::path& root) {
  Links links;
  const auto full = [&](const auto& path, const std::string& shown, const struct stat& seen) {
    if (S_ISCHR(seen.st_mode) && seen.st_rdev == 0) return "w " + shown;
    const std::string times =
        std::to_string(seen.st_mtim.tv_sec) + '.' + std::to_string(seen.st_mtim.tv_nsec);
    return line_of(path, shown, seen, links) + " | " + std::to_string(seen.st_uid) + ':' +
           std::to_string(seen.st_gid) + ' ' + times + attributes_of(path);
  };
  struct stat top{};
  ::stat(root.c_str(), &top);
  Links none;
  return full(root, ".", top) + '\n' + describe_with(root, full);
}

}  // namespace nacre::test::layers
