// The stream of an open file, pipe or socket. What went wrong is told with the name given here.
//
// Not thread-safe. Reads and writes start where the descriptor stands and move it. EINTR is
// retried.
#pragma once

#include <string>

#include "base/unique_fd.h"
#include "images/stream/stream.h"

namespace nacre::images {

class FileSource final : public Source {
 public:
  // `fd` is borrowed and must outlive the source; `name` is for messages. Of a regular file the
  // kernel is asked to read ahead; whatever cannot be advised is read without.
  FileSource(FdRef fd, std::string name);
  [[nodiscard]] Result<std::size_t> read(Buffer into) override;

 private:
  FdRef fd_;
  std::string name_;
};

class FileSink final : public Sink {
 public:
  FileSink(FdRef fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  // A full disk is kResourceExhausted, with sys_errno ENOSPC or EDQUOT.
  [[nodiscard]] Result<void> write(Bytes bytes) override;
  // Nothing is held back here. Whether and when to fsync is the owner's decision.
  [[nodiscard]] Result<void> finish() override { return {}; }

 private:
  FdRef fd_;
  std::string name_;
};

}  // namespace nacre::images
