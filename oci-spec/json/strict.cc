#include "oci-spec/json/strict.h"

#include <algorithm>

#include "base/text.h"
#include "oci-spec/json/path.h"

namespace nacre::json {
namespace {

// Letters beyond ASCII that Go's decoder folds into it: the long s and the Kelvin sign.
struct Folded {
  std::string_view bytes;
  char letter;
};
constexpr Folded kFolded[] = {{"\xC5\xBF", 's'}, {"\xE2\x84\xAA", 'k'}};

char take_folded(std::string_view& rest) {
  for (const Folded& row : kFolded) {
    if (!rest.starts_with(row.bytes)) continue;
    rest.remove_prefix(row.bytes.size());
    return row.letter;
  }
  const char c = rest.front();
  rest.remove_prefix(1);
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_but_for_case(std::string_view one, std::string_view other) {
  while (!one.empty() && !other.empty()) {
    if (take_folded(one) != take_folded(other)) return false;
  }
  return one.empty() && other.empty();
}

std::vector<std::string_view> keys_of(const Cursor& at) {
  std::vector<std::string_view> keys;
  for (auto i = at.first_child(); i != at.end_of_children(); i = at.next_child(i))
    keys.push_back(at.key_of(i));
  return keys;
}

const Field* find_look_alike(std::string_view key, std::span<const Field> fields) {
  for (const Field& field : fields) {
    if (field.key != key && equal_but_for_case(field.key, key)) return &field;
  }
  return nullptr;
}

}  // namespace

Result<void> check_keys(const Cursor& at, std::span<const Field> fields) {
  std::vector<std::string_view> keys = keys_of(at);
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice != keys.end())
    return fail(at.error(text::join("the key ", excerpt(*twice), " is given twice")));
  for (const std::string_view key : keys) {
    if (const Field* const field = find_look_alike(key, fields))
      return fail(
          at.error(text::join("the key ", excerpt(key), " must be written \"", field->key, '"')));
  }
  return {};
}

Result<void> check_count(const Cursor& at, std::size_t most) {
  NACRE_TRY(at.expect(Kind::kArray));
  std::size_t count = 0;
  for (auto i = at.first_child(); i != at.end_of_children(); i = at.next_child(i)) ++count;
  if (count > most)
    return fail(
        at.error(text::join(count, " entries are more than the ", most, " that are allowed")));
  return {};
}

}  // namespace nacre::json
