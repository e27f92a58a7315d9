#include "images/tar/reader.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "images/stream/input.h"
#include "images/stream/memory.h"
#include "images/tar/assemble.h"
#include "images/tar/header.h"
#include "images/tar/pax.h"
#include "images/tar/sparse.h"

namespace nacre::images::tar {
namespace {

// A path in a message, which need not show 4096 bytes of it.
std::string shown(std::string_view path) {
  constexpr std::size_t kMost = 200;
  if (path.size() <= kMost) return text::quote(path);
  return text::join(text::quote(path.substr(0, kMost)), "...");
}

std::uint64_t padding_after(std::uint64_t size) { return (kBlock - size % kBlock) % kBlock; }

}  // namespace

class Reader::Impl {
 public:
  Impl(Source& source, const Limits& limits) : input_(source), limits_(limits) {}

  Result<std::optional<Entry>> next() {
    if (done_) return std::nullopt;
    NACRE_TRY(pass_over_rest());
    path_.clear();
    Extensions extensions;
    for (;;) {
      at_ = input_.offset();
      RawHeader raw;
      if (!NACRE_TRY(take_header(raw))) return end(extensions);
      Header header = NACRE_TRY(parse_header(raw));
      path_ = header.path;
      const Kind kind = NACRE_TRY(kind_of(header.type));
      if (kind == Kind::kEntry) return entry(raw, std::move(header), std::move(extensions));
      NACRE_TRY(extend(kind, header.size, extensions));
    }
  }

  Result<std::size_t> read(Buffer into) {
    if (left_ == 0) return 0;
    const std::size_t wanted = std::min<std::uint64_t>(into.size(), left_);
    const std::size_t got = NACRE_TRY(input_.read(into.first(wanted)));
    if (got == 0) return fail(truncated());
    left_ -= got;
    return got;
  }

  Result<Bytes> view() {
    if (left_ == 0) return Bytes{};
    const Bytes held = NACRE_TRY(input_.peek_some());
    if (held.empty()) return fail(truncated());
    const std::size_t size = std::min<std::uint64_t>(held.size(), left_);
    input_.consume(size);
    left_ -= size;
    return held.first(size);
  }

  Result<std::uint64_t> drain() {
    if (!done_) return fail(failed_precondition("there are entries left"));
    return input_.skip(~std::uint64_t{0});
  }

  [[nodiscard]] std::uint64_t offset() const { return input_.offset(); }

  // What every public call's result goes through: an error gets its place and is the last one.
  template <class T>
  Result<T> placed(Result<T> result) {
    if (result) return result;
    broken_ = true;
    std::string where = text::join("tar archive, byte ", at_);
    if (!path_.empty()) text::append(where, ", ", shown(path_));
    return fail(std::move(result).error().with_context(where));
  }
  [[nodiscard]] Result<void> check_usable() const {
    if (!broken_) return {};
    return fail(failed_precondition("the tar archive cannot be read on after an error"));
  }

 private:
  [[nodiscard]] Error truncated() const {
    return invalid_argument(text::join("the archive ends ", left_, " bytes before the entry does"));
  }

  Result<void> pass_over_rest() {
    const std::uint64_t rest = left_ + padding_;
    if (rest == 0) return {};
    if (NACRE_TRY(input_.skip(rest)) != rest)
      return fail(invalid_argument("the archive ends before the entry does"));
    left_ = padding_ = 0;
    return {};
  }

  // False at the end of the archive.
  Result<bool> take_header(RawHeader& raw) {
    const Bytes bytes = NACRE_TRY(input_.peek(kBlock));
    if (bytes.empty()) return false;
    if (bytes.size() < kBlock)
      return fail(invalid_argument(
          text::join("the archive ends inside a header, after ", bytes.size(), " bytes of it")));
    std::memcpy(&raw, bytes.data(), kBlock);
    input_.consume(kBlock);
    if (!is_zero(raw)) return true;
    return take_end();
  }

  Result<bool> take_end() {
    RawHeader second;
    const Bytes bytes = NACRE_TRY(input_.peek(kBlock));
    std::memcpy(&second, bytes.data(), bytes.size());
    std::memset(reinterpret_cast<char*>(&second) + bytes.size(), 0, kBlock - bytes.size());
    if (!is_zero(second))
      return fail(invalid_argument("a single block of zeros stands in the middle of the archive"));
    input_.consume(bytes.size());
    return false;
  }

  Result<std::optional<Entry>> end(const Extensions& extensions) {
    if (extensions.any())
      return fail(invalid_argument("the archive ends between an extended header and its entry"));
    done_ = true;
    return std::nullopt;
  }

  // The data of an extended header, in the buffer if it fits, else in `scratch`; and its padding.
  Result<std::string_view> take_extended(std::uint64_t size, std::string& scratch) {
    if (size > limits_.extended_header_bytes)
      return fail(Error(ErrorCode::kResourceExhausted,
                        text::join("an extended header has ", size, " bytes, more than ",
                                   limits_.extended_header_bytes)));
    const std::uint64_t padded = size + padding_after(size);
    if (padded <= BufferedInput::kCapacity) {
      const Bytes bytes = NACRE_TRY(input_.peek(padded));
      if (bytes.size() < padded) return fail(ends_in_extended());
      input_.consume(padded);
      return as_text(bytes.first(size));
    }
    scratch.resize(padded);
    const Buffer into = std::as_writable_bytes(std::span(scratch));
    for (std::size_t filled = 0; filled < padded;) {
      const std::size_t got = NACRE_TRY(input_.read(into.subspan(filled)));
      if (got == 0) return fail(ends_in_extended());
      filled += got;
    }
    return std::string_view(scratch).substr(0, size);
  }
  static Error ends_in_extended() {
    return invalid_argument("the archive ends inside an extended header");
  }

  Result<void> extend(Kind kind, std::uint64_t size, Extensions& extensions) {
    if (kind == Kind::kLabel) return take_label(size, extensions);
    std::string scratch;
    const std::string_view data = NACRE_TRY(take_extended(size, scratch));
    switch (kind) {
      case Kind::kLongPath:
        return set_once(extensions.long_path, NACRE_TRY(parse_long_name(data)));
      case Kind::kLongLink:
        return set_once(extensions.long_link, NACRE_TRY(parse_long_name(data)));
      case Kind::kPax:
        return set_once(extensions.pax, NACRE_TRY(parse_pax(data, limits_.extents)));
      default:
        if (extensions.any())
          return fail(invalid_argument("a global extended header stands before an entry's own"));
        return check_global(NACRE_TRY(parse_pax(data, limits_.extents)));
    }
  }

  template <class T>
  static Result<void> set_once(std::optional<T>& place, T value) {
    if (place) return fail(invalid_argument("two extended headers of a kind precede one entry"));
    place = std::move(value);
    return {};
  }

  Result<void> take_label(std::uint64_t size, const Extensions& extensions) {
    if (extensions.any())
      return fail(
          invalid_argument("a volume label stands between an extended header and its entry"));
    left_ = size;
    padding_ = padding_after(size);
    return pass_over_rest();
  }

  Result<std::optional<Entry>> entry(const RawHeader& raw, Header&& header,
                                     Extensions&& extensions) {
    Assembled made = NACRE_TRY(assemble(std::move(header), std::move(extensions)));
    path_ = made.entry.path;
    NACRE_TRY(check_limits(made.entry, limits_));
    left_ = made.stored;
    padding_ = padding_after(made.stored);
    if (made.entry.sparse) NACRE_TRY(take_map(raw, made));
    return std::move(made.entry);
  }

  Result<void> take_map(const RawHeader& raw, Assembled& made) {
    SparseMap map = NACRE_TRY(
        made.old_sparse ? read_old_map(raw, input_, limits_.extents)
                        : read_pax_map(made.sparse, input_, made.stored, limits_.extents));
    left_ -= map.map_bytes;
    NACRE_TRY(check_map(map, left_));
    made.entry.size = map.size;
    made.entry.extents = std::move(map.extents);
    return {};
  }

  BufferedInput input_;
  Limits limits_;
  std::uint64_t left_ = 0;     // bytes of the entry's data not yet read
  std::uint64_t padding_ = 0;  // and of what fills its last block
  std::uint64_t at_ = 0;       // the header that is being read, for messages
  std::string path_;
  bool done_ = false;
  bool broken_ = false;
};

Reader::Reader(Source& source, const Limits& limits)
    : impl_(std::make_unique<Impl>(source, limits)) {}
Reader::~Reader() = default;

Result<std::optional<Entry>> Reader::next() {
  NACRE_TRY(impl_->check_usable());
  return impl_->placed(impl_->next());
}
Result<std::size_t> Reader::read(Buffer into) {
  NACRE_TRY(impl_->check_usable());
  return impl_->placed(impl_->read(into));
}
Result<Bytes> Reader::view() {
  NACRE_TRY(impl_->check_usable());
  return impl_->placed(impl_->view());
}
Result<std::uint64_t> Reader::drain() {
  NACRE_TRY(impl_->check_usable());
  return impl_->placed(impl_->drain());
}
std::uint64_t Reader::offset() const { return impl_->offset(); }

}  // namespace nacre::images::tar
