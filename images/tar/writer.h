// Writes a tar archive: the same entries give the same bytes, on any machine.
//
// pax headers carry what ustar cannot (long names, big numbers, nanoseconds, extended attributes),
// and only that. No time, process or host of the writer gets in.
#pragma once

#include "images/stream/stream.h"
#include "images/tar/entry.h"

namespace nacre::images::tar {

class Writer {
 public:
  explicit Writer(Sink& sink) : sink_(sink) {}  // borrowed; must outlive the writer

  // Then exactly the entry's stored bytes have to follow through write(). Sparse files are written
  // whole, holes as zeros, as the image-spec asks: entry.sparse must be false.
  [[nodiscard]] Result<void> add(const Entry& entry);
  [[nodiscard]] Result<void> write(Bytes bytes);
  // The end of the archive. Does not finish the sink.
  [[nodiscard]] Result<void> finish();

 private:
  Sink& sink_;
  std::uint64_t owed_ = 0;     // bytes of the current entry still to come
  std::uint64_t padding_ = 0;  // zeros after them
};

}  // namespace nacre::images::tar
