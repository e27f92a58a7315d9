// Reads a tar archive from a stream, one entry at a time.
//
// One rule where parsers are known to differ (CVE-2025-62518 and its kin): a pax record wins over
// the header for the length of the data and thus for where the next header is; whatever is
// malformed ends the archive with an error, nothing is skipped silently.
#pragma once

#include <memory>
#include <optional>

#include "images/stream/stream.h"
#include "images/tar/entry.h"

namespace nacre::images::tar {

struct Limits {
  std::size_t path_bytes = 4096;              // of a path or link target (PATH_MAX)
  std::size_t name_bytes = 255;               // of one component (NAME_MAX)
  std::size_t extended_header_bytes = 1 << 20;  // one pax header, one GNU long name
  std::size_t extents = 1 << 20;              // of one sparse file
};

class Reader {
 public:
  // `source` is borrowed and must outlive the reader.
  explicit Reader(Source& source, const Limits& limits = {});
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The next entry, or nothing at the end of the archive (two zero blocks, or the end of the
  // stream at a header's place: archives without end blocks exist). Data that was not read is
  // passed over. Errors are invalid_argument with the byte offset and the entry's path.
  [[nodiscard]] Result<std::optional<Entry>> next();

  // The stored bytes of the current entry: for a sparse file those of its extents, one after the
  // other. 0 at their end; an archive that ends before is an error.
  [[nodiscard]] Result<std::size_t> read(Buffer into);

  // After next() gave nothing: reads the source to its end, so that a hash over it covers trailing
  // bytes; the number of them.
  [[nodiscard]] Result<std::uint64_t> drain();

  [[nodiscard]] std::uint64_t offset() const;  // bytes taken from the source

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nacre::images::tar
