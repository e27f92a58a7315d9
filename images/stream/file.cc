#include "images/stream/file.h"

#include <fcntl.h>

#include <algorithm>

#include "base/text.h"
#include "images/stream/memory.h"
#include "sys/file.h"
#include "sys/io.h"

namespace nacre::images {
namespace {

// More in one call gains nothing and makes a reader wait for the whole of it.
constexpr std::size_t kLargestRead = std::size_t{1} << 20U;

}  // namespace

FileSource::FileSource(FdRef fd, std::string name) : fd_(fd), name_(std::move(name)) {
  // Doubles the window of the kernel's read-ahead. Pipes and sockets say ESPIPE: nothing is lost.
  static_cast<void>(sys::fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL));
}

Result<std::size_t> FileSource::read(Buffer into) {
  for (;;) {
    const auto got = sys::read(fd_, into.data(), std::min(into.size(), kLargestRead));
    if (got) return *got;
    if (got.error().value == EINTR) continue;
    return fail(Error::from_errno(got.error(), text::join("read ", name_)));
  }
}

Result<void> FileSink::write(Bytes bytes) {
  NACRE_TRY_CTX(sys::write_all(fd_, as_text(bytes)), text::join("write ", name_));
  return {};
}

}  // namespace nacre::images
