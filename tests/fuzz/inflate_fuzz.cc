// Any bytes as gzip, zstd or plain: no crash, limits kept, and the same outcome whatever the pieces
// in which the stream comes and goes.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "images/stream/decompress.h"
#include "images/stream/memory.h"

namespace {

using namespace nacre::images;

constexpr std::size_t kMost = std::size_t{1} << 20U;
constexpr DecompressOptions kOptions{
    .max_bytes = kMost, .max_ratio = 0, .ratio_grace = 0, .zstd_window_log = 20};

struct Outcome {
  bool exhausted = false;
  std::optional<std::string> text;
};

Outcome inflate(std::string_view compressed, std::size_t in_at_once, std::size_t out_at_once) {
  MemorySource source(compressed, in_at_once);
  const auto opened = decompress(source, kOptions);
  if (!opened) return {opened.error().code() == nacre::ErrorCode::kResourceExhausted, {}};
  std::string text;
  std::string chunk(out_at_once, '\0');
  for (;;) {
    const auto got = opened->source->read(std::as_writable_bytes(std::span(chunk)));
    if (!got) return {got.error().code() == nacre::ErrorCode::kResourceExhausted, {}};
    if (*got == 0) break;
    text.append(chunk, 0, *got);
  }
  if (text.size() > kMost) std::abort();
  std::byte rest[1];
  if (*source.read(rest) != 0) std::abort();  // it must have been read to its end
  return {false, std::move(text)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  const Outcome whole = inflate(stream, kMost, std::size_t{1} << 17U);
  const Outcome pieces = inflate(stream, size % 97 + 1, size % 4099 + 1);
  // Which of two things that are wrong is met first depends on the pieces.
  if (whole.exhausted || pieces.exhausted) return 0;
  if (whole.text != pieces.text) std::abort();
  return 0;
}
