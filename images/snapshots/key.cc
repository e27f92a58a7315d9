#include "images/snapshots/key.h"

#include <algorithm>

#include "base/text.h"

namespace nacre::images {
namespace {

constexpr std::size_t kShown = 64;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool may_follow(char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; }

}  // namespace

Result<void> check_key(std::string_view key) {
  if (key.size() > kLongestKey) {
    return fail(invalid_argument(
        text::join("a snapshot's key has at most ", kLongestKey, " characters, not ", key.size())));
  }
  if (key.empty() || !is_alphanumeric(key.front()) || !std::ranges::all_of(key, may_follow)) {
    return fail(invalid_argument(text::join(
        "invalid snapshot key ", text::quote(key.substr(0, kShown)),
        ": letters, digits, '.', '_' and '-' only, and the first is a letter or a digit")));
  }
  return {};
}

}  // namespace nacre::images
