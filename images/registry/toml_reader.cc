#include <algorithm>

#include "base/text.h"
#include "images/registry/toml.h"

namespace nacre::images::registry::toml {

const Value* Reader::find(std::string_view key) {
  asked_.emplace_back(key);
  for (const Member& member : table_)
    if (member.key == key) return &member.value;
  return nullptr;
}

Error Reader::error(std::string_view key, std::string_view why) const {
  return invalid_argument(text::join(where_, ": ", key, ": ", why));
}

Result<std::string> Reader::text(std::string_view key, std::string missing) {
  const Value* value = find(key);
  if (value == nullptr) return missing;
  const auto* text = std::get_if<std::string>(&value->value);
  if (text == nullptr) return fail(error(key, "expected a string"));
  return *text;
}

Result<bool> Reader::flag(std::string_view key, bool missing) {
  const Value* value = find(key);
  if (value == nullptr) return missing;
  const auto* flag = std::get_if<bool>(&value->value);
  if (flag == nullptr) return fail(error(key, "expected true or false"));
  return *flag;
}

Result<std::vector<std::string>> Reader::texts(std::string_view key) {
  const Value* value = find(key);
  if (value == nullptr) return {};
  if (const auto* one = std::get_if<std::string>(&value->value))
    return std::vector<std::string>{*one};
  const auto* many = std::get_if<Array>(&value->value);
  if (many == nullptr) return fail(error(key, "expected a string or an array of strings"));
  std::vector<std::string> out;
  for (const Value& item : *many) {
    const auto* text = std::get_if<std::string>(&item.value);
    if (text == nullptr) return fail(error(key, "expected an array of strings"));
    out.push_back(*text);
  }
  return out;
}

Result<const Table*> Reader::table(std::string_view key) {
  const Value* value = find(key);
  if (value == nullptr) return nullptr;
  const auto* table = std::get_if<Table>(&value->value);
  if (table == nullptr) return fail(error(key, "expected a table"));
  return table;
}

Result<std::vector<const Table*>> Reader::tables(std::string_view key) {
  const Value* value = find(key);
  if (value == nullptr) return {};
  const auto* array = std::get_if<Array>(&value->value);
  if (array == nullptr) return fail(error(key, "expected an array of tables"));
  std::vector<const Table*> out;
  for (const Value& item : *array) {
    const auto* table = std::get_if<Table>(&item.value);
    if (table == nullptr) return fail(error(key, "expected an array of tables"));
    out.push_back(table);
  }
  return out;
}

Result<void> Reader::nothing_else() const {
  for (const Member& member : table_) {
    if (std::ranges::find(asked_, member.key) != asked_.end()) continue;
    return fail(invalid_argument(text::join(where_, ": line ", member.value.line, ": unknown key ",
                                            text::quote(member.key))));
  }
  return {};
}

}  // namespace nacre::images::registry::toml
