#include "oci-spec/json/codec.h"

namespace nacre::json {

Result<void> Codec<bool>::read(const Cursor& at, bool& out) {
  if (at.kind() != Kind::kTrue && at.kind() != Kind::kFalse)
    return fail(at.unexpected("a boolean"));
  out = at.kind() == Kind::kTrue;
  return {};
}

Result<void> Codec<std::string>::read(const Cursor& at, std::string& out) {
  NACRE_TRY(at.expect(Kind::kString));
  if (at.text().find('\0') != std::string_view::npos)
    return fail(at.error("may not contain a NUL character"));
  out = at.text();
  return {};
}

Result<std::uint64_t> read_unsigned(const Cursor& at, std::uint64_t most, std::string_view wanted) {
  if (at.kind() != Kind::kUnsigned || at.number() > most) return fail(at.unexpected(wanted));
  return at.number();
}

Result<std::int64_t> read_signed(const Cursor& at, std::int64_t least, std::int64_t most,
                                 std::string_view wanted) {
  if (at.kind() == Kind::kNegative) {
    const auto value = static_cast<std::int64_t>(at.number());
    if (value < least) return fail(at.unexpected(wanted));
    return value;
  }
  if (at.kind() != Kind::kUnsigned || at.number() > static_cast<std::uint64_t>(most))
    return fail(at.unexpected(wanted));
  return static_cast<std::int64_t>(at.number());
}

}  // namespace nacre::json
