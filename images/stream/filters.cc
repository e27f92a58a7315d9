#include "images/stream/filters.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nacre::images {

Result<std::size_t> LimitedSource::read(Buffer into) {
  if (left_ == 0) return expect_end();
  const std::size_t wanted = std::min<std::uint64_t>(into.size(), left_);
  const std::size_t got = NACRE_TRY(source_.read(into.first(wanted)));
  if (got == 0) {
    return fail(invalid_argument(
        text::join(name_, " ends after ", size_ - left_, " of ", size_, " bytes")));
  }
  left_ -= got;
  return got;
}

Result<std::size_t> LimitedSource::expect_end() {
  std::array<std::byte, 1> more;
  if (NACRE_TRY(source_.read(more)) == 0) return 0;
  return fail(
      invalid_argument(text::join(name_, " goes on after the ", size_, " bytes it should have")));
}

Result<std::size_t> PrefixSource::read(Buffer into) {
  if (left_ == 0) return 0;
  const std::size_t wanted = std::min<std::uint64_t>(into.size(), left_);
  const std::size_t got = NACRE_TRY(source_.read(into.first(wanted)));
  left_ -= got;
  return got;
}

Result<std::size_t> CountingSource::read(Buffer into) {
  const std::size_t got = NACRE_TRY(source_.read(into));
  count_ += got;
  return got;
}

Result<void> CountingSink::write(Bytes bytes) {
  if (bytes.size() > limit_ - count_) {
    return fail(Error(ErrorCode::kResourceExhausted,
                      text::join("more than the ", limit_, " bytes that are allowed")));
  }
  NACRE_TRY(sink_.write(bytes));
  count_ += bytes.size();
  return {};
}

Result<std::size_t> TeeSource::read(Buffer into) {
  const std::size_t got = NACRE_TRY(source_.read(into));
  if (got > 0) NACRE_TRY(sink_.write(into.first(got)));
  return got;
}

Result<void> TeeSink::write(Bytes bytes) {
  NACRE_TRY(first_.write(bytes));
  return second_.write(bytes);
}

Result<void> TeeSink::finish() {
  NACRE_TRY(first_.finish());
  return second_.finish();
}

}  // namespace nacre::images
