// Reads a tar archive from a stream, one entry at a time: v7, ustar, star, GNU and pax.
//
// One rule where parsers are known to differ (CVE-2025-62518 and its kin); whatever is malformed
// ends the archive with an error, nothing is skipped silently:
//  - A pax record wins over a GNU long name, that over the header; for the length of the data, and
//    thus for where the next header is, the pax record wins as well.
//  - Only files have data. What the header says of a link's, directory's, device's or fifo's size
//    is ignored, as Go, libarchive and Python do; a pax size other than 0 is refused there.
//  - An entry has at most one pax header, one long name and one long link; one of those without an
//    entry behind it is an error.
//  - A global pax header is read and ignored, as the other engines do; one that would move data
//    (size, GNU.sparse.*) is refused. Solaris' 'X' is a pax header. A volume label is passed over.
//  - '0', NUL and '7' (contiguous) are files; with a slash at the end of the name a directory,
//    which must be without data then. Types that are not known are refused (unsupported): what they
//    hold could not be given (multi-volume parts, GNU dump directories, Solaris ACLs).
//  - One zero block and the end of the stream end an archive, like two zero blocks; one zero block
//    with something else behind it is an error.
//  - Times are clamped to what 64-bit nanoseconds hold (1677 to 2262); before 1970 is fine.
//
// Not thread-safe.
#pragma once

#include <memory>
#include <optional>

#include "images/stream/stream.h"
#include "images/tar/entry.h"

namespace nacre::images::tar {

struct Limits {
  std::size_t path_bytes = 4096;                // of a path or link target (PATH_MAX)
  std::size_t name_bytes = 255;                 // of one component (NAME_MAX), but for symlinks'
  std::size_t extended_header_bytes = 1 << 20;  // one pax header, one GNU long name
  std::size_t extents = 1 << 20;                // of one sparse file
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
  // passed over.
  //
  // Errors name the byte offset and the entry's path: invalid_argument for what is malformed and
  // for paths and names over the limits, kResourceExhausted for the limits of headers and sparse
  // maps, unsupported as above, and the source's own. After an error nothing more is read.
  [[nodiscard]] Result<std::optional<Entry>> next();

  // The stored bytes of the current entry: for a sparse file those of its extents, one after the
  // other. 0 at their end; an archive that ends before is an error. Pieces of 64 KiB and more are
  // read by the source right into `into`.
  [[nodiscard]] Result<std::size_t> read(Buffer into);

  // The same without a copy, as much as there is at once: in the reader's own buffer, until the
  // next call of any kind. Empty at the end of the data. May be mixed with read().
  [[nodiscard]] Result<Bytes> view();

  // After next() gave nothing: reads the source to its end, so that a hash over it covers trailing
  // bytes; the number of them.
  [[nodiscard]] Result<std::uint64_t> drain();

  [[nodiscard]] std::uint64_t offset() const;  // bytes taken from the source and used

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nacre::images::tar
