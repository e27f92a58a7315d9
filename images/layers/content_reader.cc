#include "images/layers/content_reader.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "sys/file.h"
#include "sys/inode.h"

namespace nacre::images::layers {
namespace {

constexpr std::size_t kBufferSize = std::size_t{256} << 10U;
constexpr std::size_t kLongestTarget = 4096;

struct Run {
  std::uint64_t begin, end;  // of bytes; what is before is a hole
};

// The next run of data at or after `at`; `size` for both ends when only a hole is left. Filesystems
// that know of no holes say that all is data.
Result<Run> next_run(FdRef fd, std::uint64_t at, std::uint64_t size) {
  const auto begin = sys::lseek(fd, static_cast<off_t>(at), SEEK_DATA);
  if (!begin && begin.error().value == ENXIO) return Run{size, size};
  if (!begin && begin.error().value == EINVAL) return Run{at, size};
  if (!begin) return fail(Error::from_errno(begin.error(), "look for data"));
  const auto end = sys::lseek(fd, *begin, SEEK_HOLE);
  if (!end) return fail(Error::from_errno(end.error(), "look for a hole"));
  return Run{std::min(static_cast<std::uint64_t>(*begin), size),
             std::min(static_cast<std::uint64_t>(*end), size)};
}

// Calls `data(bytes)` and `hole(length)` in order of the file; 0 at the end of the file.
template <class Data, class Hole>
Result<std::uint64_t> for_each_run(FdRef fd, std::uint64_t size, bool sparse, Buffer buffer,
                                   Data data, Hole hole) {
  std::uint64_t at = 0;
  while (at < size) {
    const Run run = sparse ? NACRE_TRY(next_run(fd, at, size)) : Run{0, size};
    if (run.begin > at) NACRE_TRY(hole(run.begin - at));
    for (at = run.begin; at < run.end;) {
      const std::size_t wanted =
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), run.end - at));
      const auto got = sys::pread(fd, buffer.data(), wanted, static_cast<off_t>(at));
      if (!got && got.error().value == EINTR) continue;
      if (!got) return fail(Error::from_errno(got.error(), "read"));
      if (*got == 0) return at;
      NACRE_TRY(data(Bytes(buffer.first(*got))));
      at += *got;
    }
  }
  return at;
}

struct Shape {
  std::uint64_t size;
  bool sparse;
};
Result<Shape> shape_of(FdRef fd) {
  const struct statx seen = NACRE_TRY_CTX(sys::fstatx(fd, STATX_SIZE | STATX_BLOCKS), "look at it");
  return Shape{seen.stx_size, seen.stx_blocks * 512 < seen.stx_size};
}

}  // namespace

Result<HashedContent> hash_content(FdRef fd) {
  const Shape shape = NACRE_TRY(shape_of(fd));
  std::vector<std::byte> buffer(std::min<std::uint64_t>(kBufferSize, shape.size + 1));
  ContentHash hash;
  const auto data = [&](Bytes bytes) -> Result<void> {
    hash.update(bytes);
    return {};
  };
  const auto hole = [&](std::uint64_t length) -> Result<void> {
    hash.update_zeros(length);
    return {};
  };
  const std::uint64_t size =
      NACRE_TRY(for_each_run(fd, shape.size, shape.sparse, buffer, data, hole));
  return HashedContent{size, hash.value()};
}

Result<void> copy_content(FdRef fd, std::uint64_t size, Buffer buffer, Sink& sink) {
  static constexpr std::array<std::byte, std::size_t{64} << 10U> kZeros{};
  const Shape shape = NACRE_TRY(shape_of(fd));
  const auto data = [&](Bytes bytes) { return sink.write(bytes); };
  const auto hole = [&](std::uint64_t length) -> Result<void> {
    while (length > 0) {
      const std::size_t piece =
          static_cast<std::size_t>(std::min<std::uint64_t>(length, kZeros.size()));
      NACRE_TRY(sink.write(Bytes(kZeros).first(piece)));
      length -= piece;
    }
    return {};
  };
  const std::uint64_t done = NACRE_TRY(for_each_run(fd, size, shape.sparse, buffer, data, hole));
  if (done == size) return {};
  return fail(Error(ErrorCode::kUnavailable,
                    text::join("it shrank from ", size, " to ", done, " bytes meanwhile")));
}

Result<std::string> read_symlink(FdRef directory, const std::string& name) {
  std::string target(kLongestTarget, '\0');
  const std::size_t size = NACRE_TRY_CTX(
      sys::readlinkat(directory, name.c_str(), target.data(), target.size()), "read the symlink");
  target.resize(size);
  return target;
}

}  // namespace nacre::images::layers
