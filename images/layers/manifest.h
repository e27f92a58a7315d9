// The manifest of an unpacked layer: what has been written, to compare with later. Text:
//
//   nacre-layer-manifest 1
//   d 0755 0 0 - - .
//   f 04755 0 0 1234 995dc9bbdf1939fa/1c2d usr/bin/su
//   ...
//   end 2
//
// One line per entry: kind, mode, owner, group, size, hash, path. Kinds: f d l(symlink) c b p(FIFO)
// w(whiteout) and o, a directory that hides those below it. size: bytes; of a device major:minor.
// hash: that of content_hash.h of a file's bytes or a symlink's target, then after a slash the
// fingerprint of the extended attributes if there are any. "-": nothing to say. In paths
// backslashes, control characters and what is not ASCII are written \xNN.
// Sorted as a walk meets them that takes the names of each directory in order of their bytes and
// everything below a directory right after it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "images/layers/tree.h"
#include "images/stream/stream.h"

namespace nacre::images::layers {

struct Record {
  char kind = 'f';
  std::uint32_t mode = 0, uid = 0, gid = 0;
  std::uint64_t size = 0;  // of a device its number, as st_rdev
  std::uint64_t content = 0, attributes = 0;
  std::string path;  // "." is the root

  friend bool operator==(const Record&, const Record&) = default;
};

[[nodiscard]] std::string print_record(const Record& record);  // without the newline
[[nodiscard]] Result<Record> parse_record(std::string_view line);

// Whether the walk meets `a` before `b`. "." is before everything.
[[nodiscard]] bool walks_before(std::string_view a, std::string_view b);

class ManifestWriter {
 public:
  explicit ManifestWriter(Sink& sink);
  [[nodiscard]] Result<void> add(const Record& record);
  [[nodiscard]] Result<void> finish();  // not the sink's

 private:
  [[nodiscard]] Result<void> flush();
  Sink& sink_;
  std::string pending_;
  std::uint64_t count_ = 0;
};

// Errors name the line. A manifest without its last line is an error: it has been cut off.
class ManifestReader {
 public:
  explicit ManifestReader(Source& source) : source_(source) {}
  // Nothing after the last record.
  [[nodiscard]] Result<std::optional<Record>> next();

 private:
  [[nodiscard]] Result<std::string_view> next_line();
  [[nodiscard]] Result<void> check_end(std::string_view line);
  Source& source_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t lines_ = 0;
  std::string last_path_;
  bool ended_ = false;
};

}  // namespace nacre::images::layers
