#include "images/layers/budget.h"

#include "base/text.h"
#include "sys/file.h"

namespace nacre::images::layers {
namespace {

constexpr std::uint64_t kCheckBytes = std::uint64_t{64} << 20U;
constexpr std::uint64_t kCheckEntries = 8192;

Error exhausted(std::string text) { return Error(ErrorCode::kResourceExhausted, std::move(text)); }

}  // namespace

Result<void> Budget::take_entry() {
  if (++entries_ > limits_.entries) {
    return fail(
        exhausted(text::join("the layer has more entries than its budget of ", limits_.entries)));
  }
  return entries_ % kCheckEntries == 1 ? check_space(0) : Result<void>();
}

Result<void> Budget::announce_file(std::uint64_t size, std::uint64_t stored) {
  // Holes take no space, but nobody should get a file that whole would exceed the budget.
  if (size > limits_.bytes || stored > limits_.bytes - bytes_) {
    return fail(exhausted(
        text::join("the layer has more content than its budget of ", limits_.bytes, " bytes")));
  }
  return stored > kCheckBytes ? check_space(stored) : Result<void>();
}

Result<void> Budget::take_bytes(std::uint64_t bytes) {
  bytes_ += bytes;
  unchecked_ += bytes;
  if (unchecked_ < kCheckBytes) return {};
  unchecked_ = 0;
  return check_space(0);
}

Result<void> Budget::check_space(std::uint64_t needed) {
  if (limits_.free_bytes == 0) return {};
  const struct statfs seen =
      NACRE_TRY_CTX(sys::fstatfs(filesystem_), "look at the space that is left");
  const auto left =
      static_cast<std::uint64_t>(seen.f_bavail) * static_cast<std::uint64_t>(seen.f_bsize);
  if (left >= limits_.free_bytes && left - limits_.free_bytes >= needed) return {};
  return fail(exhausted(text::join("no space left for this layer: ", left,
                                   " bytes are free, of which ", limits_.free_bytes,
                                   " are to stay free", needed == 0 ? "" : ", and it needs ",
                                   needed == 0 ? std::string() : std::to_string(needed))));
}

}  // namespace nacre::images::layers
