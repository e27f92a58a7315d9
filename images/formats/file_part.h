// A part of a file as a stream. Several may read one file: none moves it.
#pragma once

#include <string>

#include "base/unique_fd.h"
#include "images/stream/stream.h"

namespace nacre::images {

// Exactly `size` bytes from `offset` on; a file that ends before is invalid_argument.
class FilePart : public Source {
 public:
  // `file` is borrowed.
  FilePart(FdRef file, std::uint64_t offset, std::uint64_t size, std::string name);
  [[nodiscard]] Result<std::size_t> read(Buffer into) override;

 private:
  FdRef file_;
  std::uint64_t offset_;
  std::uint64_t left_;
  std::string name_;
};

// The same with a file of its own.
class OwnedFilePart final : public Source {
 public:
  OwnedFilePart(UniqueFd file, std::uint64_t size, std::string name)
      : file_(std::move(file)), part_(file_, 0, size, std::move(name)) {}
  [[nodiscard]] Result<std::size_t> read(Buffer into) override { return part_.read(into); }

 private:
  UniqueFd file_;
  FilePart part_;
};

}  // namespace nacre::images
