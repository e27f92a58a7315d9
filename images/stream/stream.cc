#include "images/stream/stream.h"

#include <algorithm>
#include <memory>

#include "base/text.h"

namespace nacre::images {

Result<std::uint64_t> copy(Source& source, Sink& sink) {
  const auto storage = std::make_unique_for_overwrite<std::byte[]>(kChunk);
  const Buffer chunk(storage.get(), kChunk);
  std::uint64_t total = 0;
  for (;;) {
    const std::size_t got = NACRE_TRY(source.read(chunk));
    if (got == 0) return total;
    NACRE_TRY(sink.write(chunk.first(got)));
    total += got;
  }
}

Result<std::size_t> read_full(Source& source, Buffer into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const std::size_t got = NACRE_TRY(source.read(into.subspan(filled)));
    if (got == 0) break;
    filled += got;
  }
  return filled;
}

Result<std::string> read_text(Source& source, std::size_t limit) {
  constexpr std::size_t kFirst = 4096;
  std::string text;
  std::size_t filled = 0;
  for (;;) {
    // One byte more than allowed is asked for: whether it comes tells "full" from "too much".
    const std::size_t wanted = std::clamp(filled * 2, kFirst, std::max(limit, kFirst)) + 1;
    text.resize(std::max(wanted, filled + 1));
    const std::size_t got =
        NACRE_TRY(read_full(source, std::as_writable_bytes(std::span(text)).subspan(filled)));
    filled += got;
    if (filled > limit) {
      return fail(Error(ErrorCode::kResourceExhausted,
                        text::join("more than the ", limit, " bytes that are allowed")));
    }
    if (filled < text.size()) {
      text.resize(filled);
      return text;
    }
  }
}

}  // namespace nacre::images
