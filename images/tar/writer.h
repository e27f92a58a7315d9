// Writes a tar archive: the same entries give the same bytes, on any machine.
//
// ustar as far as it goes; a pax header carries what it cannot (long and non-ASCII names, big
// numbers, nanoseconds and years before 1970, extended attributes), and only that. No time, process
// or host of the writer gets in.
//
// Not thread-safe.
#pragma once

#include <memory>

#include "images/stream/stream.h"
#include "images/tar/entry.h"

namespace nacre::images::tar {

class Writer {
 public:
  explicit Writer(Sink& sink);  // borrowed; must outlive the writer

  // Then exactly entry.size bytes have to follow through write(). Sparse files are written whole,
  // holes as zeros, as the image-spec asks: entry.sparse must be false. The path is written as it
  // is; that of a directory may but need not end in a slash, that of a file must not (readers would
  // take it for a directory).
  // invalid_argument: an entry that no archive can hold. failed_precondition: bytes of the entry
  // before are missing.
  [[nodiscard]] Result<void> add(const Entry& entry);
  [[nodiscard]] Result<void> write(Bytes bytes);
  // The end of the archive. Does not finish the sink.
  [[nodiscard]] Result<void> finish();

 private:
  [[nodiscard]] Result<void> append(Bytes bytes);
  [[nodiscard]] Result<void> append_zeros(std::uint64_t size);
  [[nodiscard]] Result<void> flush();

  Sink& sink_;
  std::unique_ptr<std::byte[]> buffer_;  // headers and small files leave in large pieces
  std::size_t filled_ = 0;
  std::uint64_t owed_ = 0;     // bytes of the current entry still to come
  std::uint64_t padding_ = 0;  // zeros after them
};

}  // namespace nacre::images::tar
