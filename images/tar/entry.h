// One member of a tar archive, with every extension already applied (ustar, pax, GNU long names,
// GNU and pax sparse files, base-256 numbers).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nacre::images::tar {

enum class Type : std::uint8_t {
  kFile,
  kHardLink,
  kSymlink,
  kCharDevice,
  kBlockDevice,
  kDirectory,
  kFifo,
};

// Seconds and nanoseconds since 1970; nanoseconds are 0..999999999 also before 1970.
struct Time {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  friend bool operator==(const Time&, const Time&) = default;
};

// A run of bytes that is stored; everything between runs is a hole.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};

struct Entry {
  Type type = Type::kFile;
  std::string path;         // as in the archive: may be absolute, hold "..", end in a slash
  std::string link_target;  // kHardLink: a path of the archive; kSymlink: any text
  std::uint32_t mode = 0;   // the twelve permission bits
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::string uname, gname;  // ignored when applied (image-spec, layer.md)
  Time mtime;
  std::uint64_t size = 0;  // of the file when it is whole, holes included
  std::uint64_t device_major = 0;
  std::uint64_t device_minor = 0;
  std::map<std::string, std::string> xattrs;  // from SCHILY.xattr.* and LIBARCHIVE.xattr.*
  // Not empty: a sparse file whose stored bytes are these runs, ascending, not overlapping.
  bool sparse = false;
  std::vector<Extent> extents;

  friend bool operator==(const Entry&, const Entry&) = default;
};

}  // namespace nacre::images::tar
