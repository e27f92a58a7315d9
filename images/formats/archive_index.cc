#include "images/formats/archive_index.h"

#include <algorithm>

#include "base/text.h"
#include "images/formats/file_part.h"
#include "images/tar/reader.h"
#include "sys/file.h"
#include "sys/inode.h"

namespace nacre::images {

FilePart::FilePart(FdRef file, std::uint64_t offset, std::uint64_t size, std::string name)
    : file_(file), offset_(offset), left_(size), name_(std::move(name)) {}

Result<std::size_t> FilePart::read(Buffer into) {
  const std::size_t wanted = std::min<std::uint64_t>(into.size(), left_);
  if (wanted == 0) return 0;
  auto got = sys::pread(file_, into.data(), wanted, static_cast<off_t>(offset_));
  while (!got && got.error().value == EINTR)
    got = sys::pread(file_, into.data(), wanted, static_cast<off_t>(offset_));
  if (!got) return fail(Error::from_errno(got.error(), text::join("read ", name_)));
  if (*got == 0)
    return fail(invalid_argument(text::join(name_, " ends ", left_, " bytes before its end")));
  offset_ += *got;
  left_ -= *got;
  return *got;
}

namespace {

constexpr std::uint64_t kBlock = 512;

// From some place on, in small pieces: only headers are wanted, not what lies behind them.
class HeaderSource final : public Source {
 public:
  HeaderSource(FdRef file, std::uint64_t offset, std::uint64_t end, const std::string& what)
      : part_(file, offset, end - offset, what) {}
  Result<std::size_t> read(Buffer into) override {
    constexpr std::size_t kPiece = 4096;
    return part_.read(into.first(std::min(into.size(), kPiece)));
  }

 private:
  FilePart part_;
};

// Writers fill up with zeros; anything else is another file's or an archive that nobody has read.
Result<void> check_trailer(FdRef file, std::uint64_t at, std::uint64_t end,
                           const std::stop_token& stop) {
  FilePart rest(file, at, end - at, "the end of the archive");
  return expect_zeros(rest, stop);
}

class ArchiveMembers final : public Members {
 public:
  ArchiveMembers(FdRef file, std::string what) : file_(file), what_(std::move(what)) {}

  Result<void> scan(std::uint64_t start, std::uint64_t end, const std::stop_token& stop) {
    std::uint64_t at = start;
    for (;;) {
      if (stop.stop_requested()) return fail(Error(ErrorCode::kCancelled, "cancelled"));
      HeaderSource source(file_, at, end, what_);
      tar::Reader reader(source);
      const auto entry = NACRE_TRY_CTX(reader.next(), text::join("from byte ", at - start, " on"));
      if (!entry) return check_trailer(file_, at + reader.offset(), end, stop);
      const std::uint64_t data = at + reader.offset();
      const std::uint64_t size = entry->type == tar::Type::kFile ? entry->size : 0;
      NACRE_TRY(names_.add(*entry, data));
      if (size > end - data) {
        return fail(
            invalid_argument(text::join("the archive ends within member ", text::quote(entry->path),
                                        ", which should have ", size, " bytes")));
      }
      // Whoever cut off the last block's zeros has still given everything.
      at = std::min(data + (size + kBlock - 1) / kBlock * kBlock, end);
    }
  }

  Result<std::optional<std::uint64_t>> size_of(std::string_view path) override {
    const auto found = NACRE_TRY(names_.find(path));
    if (!found) return std::nullopt;
    return found->member.size;
  }

  Result<std::unique_ptr<Source>> open(std::string_view path) override {
    const auto found = NACRE_TRY(names_.find(path));
    if (!found) return fail(invalid_argument(text::join("there is no member ", text::quote(path))));
    return std::make_unique<FilePart>(file_, found->member.offset, found->member.size,
                                      text::join("member ", text::quote(path)));
  }

 private:
  FdRef file_;
  std::string what_;
  MemberNames names_;
};

}  // namespace

Result<std::unique_ptr<Members>> index_archive(FdRef file, std::uint64_t start,
                                               const std::string& what,
                                               const std::stop_token& stop) {
  const std::uint64_t end = NACRE_TRY_CTX(sys::fstatx(file), text::join("look at ", what)).stx_size;
  auto members = std::make_unique<ArchiveMembers>(file, what);
  NACRE_TRY_CTX(members->scan(start, std::max(start, end), stop), what);
  return std::unique_ptr<Members>(std::move(members));
}

}  // namespace nacre::images
