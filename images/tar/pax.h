// The records of a pax extended header (POSIX pax, "pax Extended Header"). Pure.
//
// `<length> <key>=<value>\n`, the length in decimal and of the whole record. Anything else is an
// error and nothing is skipped: a record that one parser reads and another passes over is how files
// are smuggled (CVE-2025-62518 and its kin). Of a repeated key the last record counts; an empty
// value takes back what stood before, except that an extended attribute may be empty. Where the
// same attribute is there as SCHILY and as LIBARCHIVE, the latter counts: its escapes have one
// reading.
//
// Read: path linkpath size uid gid uname gname mtime, SCHILY.xattr.*, LIBARCHIVE.xattr.*,
// GNU.sparse.*. Refused: SCHILY.realsize (star's own sparse form, whose data we could not place).
// Everything else is ignored: hdrcharset (names are bytes here), atime, ctime, comments, POSIX ACLs
// as text, SELinux labels.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "images/tar/entry.h"

namespace nacre::images::tar {

// GNU.sparse.*, as found: which version it is and whether it is whole is decided in sparse.h.
struct PaxSparse {
  bool used = false;
  std::optional<std::uint64_t> major;
  std::optional<std::uint64_t> minor;
  std::optional<std::string> name;
  std::optional<std::uint64_t> size;      // 0.0 and 0.1
  std::optional<std::uint64_t> realsize;  // 1.0
  std::optional<std::uint64_t> blocks;
  std::optional<std::uint64_t> open_offset;  // 0.0: an offset whose length has not come yet
  std::vector<Extent> extents;
};

struct Pax {
  std::optional<std::string> path;
  std::optional<std::string> link;
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> uid;
  std::optional<std::uint64_t> gid;
  std::optional<std::string> uname;
  std::optional<std::string> gname;
  std::optional<Time> mtime;
  std::map<std::string, std::string> xattrs;
  PaxSparse sparse;
};

// invalid_argument names the record's place within the header and its key; kResourceExhausted: more
// than `max_extents` runs of a sparse file.
[[nodiscard]] Result<Pax> parse_pax(std::string_view records, std::size_t max_extents);

}  // namespace nacre::images::tar
