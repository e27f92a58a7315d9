#include "images/layers/content_writer.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/text.h"
#include "sys/file.h"
#include "sys/inode.h"

namespace nacre::images::layers {
namespace {

constexpr std::uint64_t kOffsetEnd = std::numeric_limits<off_t>::max();

bool is_zero(Bytes bytes) {
  return bytes.front() == std::byte{0} &&
         std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

Result<void> put(FdRef fd, Bytes bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const auto done = sys::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (!done) {
      if (done.error().value == EINTR) continue;
      return fail(Error::from_errno(done.error(), "write"));
    }
    bytes = bytes.subspan(*done);
    offset += *done;
  }
  return {};
}

class ContentWriter {
 public:
  ContentWriter(FdRef fd, Source& content, Buffer buffer, Budget& budget)
      : fd_(fd), content_(content), buffer_(buffer), budget_(budget) {}

  Result<void> skip_to(std::uint64_t offset) {
    hash_.update_zeros(offset - offset_);
    offset_ = offset;
    return {};
  }

  // The next `size` bytes of the archive.
  Result<void> take(std::uint64_t size) {
    while (size > 0) {
      // Up to a border of a block, so that whole blocks come together.
      const std::uint64_t room = buffer_.size() - offset_ % kHoleBlock;
      const auto wanted = static_cast<std::size_t>(std::min(size, room));
      const std::size_t got = NACRE_TRY(read_full(content_, buffer_.first(wanted)));
      if (got < wanted) {
        return fail(invalid_argument(
            text::join("the archive ends ", size - got, " bytes before the end of the content")));
      }
      NACRE_TRY(budget_.take_bytes(got));
      NACRE_TRY(write(buffer_.first(got)));
      size -= got;
    }
    return {};
  }

  Result<std::uint64_t> finish(std::uint64_t size) {
    if (size > offset_) NACRE_TRY(skip_to(size));
    if (size > written_end_)
      NACRE_TRY_CTX(sys::ftruncate(fd_, static_cast<off_t>(size)), "set the size");
    return hash_.value();
  }

 private:
  Result<void> write(Bytes bytes) {
    hash_.update(bytes);
    while (!bytes.empty()) {
      const std::size_t run = data_run(bytes);
      if (run > 0) {
        NACRE_TRY(put(fd_, bytes.first(run), offset_));
        written_end_ = offset_ + run;
      }
      const std::size_t passed = run > 0 ? run : kHoleBlock;
      offset_ += passed;
      bytes = bytes.subspan(passed);
    }
    return {};
  }

  [[nodiscard]] bool starts_with_hole(Bytes bytes, std::uint64_t offset) const {
    return bytes.size() >= kHoleBlock && offset % kHoleBlock == 0 &&
           is_zero(bytes.first(kHoleBlock));
  }

  // How much comes before the next hole.
  [[nodiscard]] std::size_t data_run(Bytes bytes) const {
    std::size_t run = 0;
    while (run < bytes.size() && !starts_with_hole(bytes.subspan(run), offset_ + run)) {
      run += kHoleBlock - (offset_ + run) % kHoleBlock;
    }
    return std::min(run, bytes.size());
  }

  FdRef fd_;
  Source& content_;
  Buffer buffer_;
  Budget& budget_;
  ContentHash hash_;
  std::uint64_t offset_ = 0;
  std::uint64_t written_end_ = 0;
};

// The reader has looked at this already; a wrong offset here would be a wrong file.
Result<std::uint64_t> stored_bytes(const tar::Entry& entry) {
  if (!entry.sparse) return entry.size;
  std::uint64_t at = 0;
  std::uint64_t stored = 0;
  for (const tar::Extent& extent : entry.extents) {
    if (extent.offset < at || extent.offset > entry.size ||
        extent.size > entry.size - extent.offset)
      return fail(invalid_argument("the extents of the sparse file overlap or exceed its size"));
    at = extent.offset + extent.size;
    stored += extent.size;
  }
  return stored;
}

}  // namespace

Result<std::uint64_t> write_content(FdRef fd, const tar::Entry& entry, Source& content,
                                    Buffer buffer, Budget& budget) {
  if (entry.size > kOffsetEnd) return fail(invalid_argument("no file can have this size"));
  const std::uint64_t stored = NACRE_TRY(stored_bytes(entry));
  NACRE_TRY(budget.announce_file(entry.size, stored));
  ContentWriter writer(fd, content, buffer, budget);
  if (!entry.sparse) NACRE_TRY(writer.take(entry.size));
  for (const tar::Extent& extent : entry.extents) {
    NACRE_TRY(writer.skip_to(extent.offset));
    NACRE_TRY(writer.take(extent.size));
  }
  return writer.finish(entry.size);
}

}  // namespace nacre::images::layers
