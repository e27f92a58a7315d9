#include "oci-spec/json/cursor.h"

#include "base/text.h"
#include "oci-spec/json/path.h"

namespace nacre::json {
namespace {

std::string shown(const Cursor& at) {
  switch (at.kind()) {
    case Kind::kUnsigned:
      return std::to_string(at.number());
    case Kind::kNegative:
      return std::to_string(static_cast<std::int64_t>(at.number()));
    case Kind::kOtherNumber:
      // Digits, at most as long as the input; bare, unlike a string.
      return at.text().size() <= 32 ? std::string(at.text()) : "a longer number";
    default:
      return std::string(describe(at.kind()));
  }
}

}  // namespace

std::string Cursor::path() const {
  if (parent_ == nullptr) return std::string(key_);
  std::string path = parent_->path();
  if (parent_->kind() == Kind::kArray) {
    append_index(path, position_);
  } else {
    append_key(path, key_);
  }
  return path;
}

std::string Cursor::path_of(std::string_view missing_member) const {
  std::string path = this->path();
  append_key(path, missing_member);
  return path;
}

Error Cursor::error(std::string_view reason) const {
  Error error = invalid_argument(std::string(reason));
  const std::string place = path();
  return place.empty() ? error : std::move(error).with_context(place);
}

Error Cursor::unexpected(std::string_view wanted) const {
  return error(text::join("expected ", wanted, ", got ", shown(*this)));
}

Result<void> Cursor::expect(Kind wanted) const {
  if (kind() == wanted) return {};
  return fail(unexpected(describe(wanted)));
}

}  // namespace nacre::json
