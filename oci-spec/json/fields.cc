#include "oci-spec/json/fields.h"

#include "base/text.h"

namespace nacre::json {
namespace {

constexpr std::uint32_t kAbsent = 0;  // the root is nobody's member

// Which child holds each field; the last one of a key given twice.
std::array<std::uint32_t, kMostFields> find_members(const Cursor& at,
                                                    std::span<const Field> fields) {
  std::array<std::uint32_t, kMostFields> found{};
  for (auto i = at.first_child(); i != at.end_of_children(); i = at.next_child(i)) {
    const std::string_view key = at.key_of(i);
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (fields[f].key != key) continue;
      found.at(f) = i;
      break;
    }
  }
  return found;
}

}  // namespace

Result<void> read_fields(const Cursor& at, void* owner, std::span<const Field> fields) {
  NACRE_TRY(at.expect(Kind::kObject));
  const auto found = find_members(at, fields);
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const Field& field = fields[f];
    if (found.at(f) != kAbsent) {
      const Cursor member = at.member(found.at(f));
      if (!member.is_null()) {
        NACRE_TRY(field.ops->read(member, field.value_in(owner)));
        continue;
      }
    }
    if (field.presence == Presence::kRequired)
      return fail(invalid_argument(text::join(at.path_of(field.key), ": is missing")));
  }
  return {};
}

void write_fields(Writer& out, const void* owner, std::span<const Field> fields) {
  for (const Field& field : fields) {
    // Found by the same row for reading and writing; nothing is changed through it here.
    const void* value = field.value_in(const_cast<void*>(owner));
    if (field.presence == Presence::kOptional && field.ops->is_default(value)) continue;
    out.key(field.key);
    field.ops->write(out, value);
  }
}

}  // namespace nacre::json
