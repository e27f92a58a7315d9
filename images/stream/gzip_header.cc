#include "images/stream/gzip_header.h"

#include <isa-l.h>

#include <array>

#include "base/text.h"

namespace nacre::images {
namespace {

enum Flag : unsigned {
  kHeaderChecksum = 2,
  kExtra = 4,
  kName = 8,
  kComment = 16,
  kReserved = 0xE0,
};
constexpr unsigned kDeflate = 8;
constexpr std::size_t kFixedBytes = 10;
constexpr std::size_t kTextLimit = std::size_t{64} << 10U;

// The bytes of a header, summed up as they are taken.
class HeaderBytes {
 public:
  explicit HeaderBytes(BufferedInput& input) : input_(input) {}

  Result<unsigned> byte() {
    const Bytes held = NACRE_TRY(input_.peek_some());
    if (held.empty()) return fail(invalid_argument("the stream ends inside a member's header"));
    const auto value = static_cast<unsigned char>(held[0]);
    checksum_ = crc32_gzip_refl(checksum_, &value, 1);
    input_.consume(1);
    return value;
  }
  Result<unsigned> number() {
    const unsigned low = NACRE_TRY(byte());
    return low | NACRE_TRY(byte()) << 8U;
  }
  Result<void> text() {
    for (std::size_t i = 0; i < kTextLimit; ++i) {
      if (NACRE_TRY(byte()) == 0) return {};
    }
    return fail(invalid_argument("the name or comment of a member has no end"));
  }
  [[nodiscard]] unsigned checksum() const { return checksum_ & 0xFFFFU; }

 private:
  BufferedInput& input_;
  std::uint32_t checksum_ = 0;
};

Result<unsigned> take_fixed(HeaderBytes& bytes) {
  std::array<unsigned, kFixedBytes> fixed;
  for (unsigned& value : fixed) value = NACRE_TRY(bytes.byte());
  if (fixed[0] != 0x1F || fixed[1] != 0x8B)
    return fail(invalid_argument("what follows is neither a member nor zeros"));
  if (fixed[2] != kDeflate)
    return fail(invalid_argument(text::join("compression method ", fixed[2], " is not deflate")));
  const unsigned flags = fixed[3];
  if ((flags & kReserved) != 0) return fail(invalid_argument("reserved flags are set"));
  return flags;
}

}  // namespace

Result<void> take_gzip_header(BufferedInput& input) {
  HeaderBytes bytes(input);
  const unsigned flags = NACRE_TRY(take_fixed(bytes));
  if ((flags & kExtra) != 0) {
    for (unsigned left = NACRE_TRY(bytes.number()); left > 0; --left)
      static_cast<void>(NACRE_TRY(bytes.byte()));
  }
  if ((flags & kName) != 0) NACRE_TRY(bytes.text());
  if ((flags & kComment) != 0) NACRE_TRY(bytes.text());
  if ((flags & kHeaderChecksum) != 0) {
    const unsigned expected = bytes.checksum();
    if (NACRE_TRY(bytes.number()) != expected)
      return fail(invalid_argument("the checksum of a member's header does not match"));
  }
  return {};
}

}  // namespace nacre::images
