#include "images/registry/toml.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <algorithm>

#include "base/text.h"

namespace nacre::images::registry::toml {
namespace {

Value convert(const ::toml::node& node);

Table convert_table(const ::toml::table& table) {
  Table out;
  for (const auto& [key, node] : table) out.push_back({std::string(key.str()), convert(node)});
  // The library sorts by name; what was written first comes first again. A table's own line may be
  // that of its first member, which keeps the order all the same.
  std::ranges::stable_sort(out, {}, [](const Member& member) { return member.value.line; });
  return out;
}

std::string_view kind_name(const ::toml::node& node) {
  switch (node.type()) {
    case ::toml::node_type::floating_point:
      return "a number with a fraction";
    case ::toml::node_type::date:
      return "a date";
    case ::toml::node_type::time:
      return "a time";
    case ::toml::node_type::date_time:
      return "a date and time";
    default:
      return "something else";
  }
}

Value convert(const ::toml::node& node) {
  Value out;
  out.line = node.source().begin.line;
  if (const auto* text = node.as_string()) {
    out.value = text->get();
  } else if (const auto* flag = node.as_boolean()) {
    out.value = flag->get();
  } else if (const auto* number = node.as_integer()) {
    out.value = number->get();
  } else if (const auto* array = node.as_array()) {
    Array items;
    for (const ::toml::node& item : *array) items.push_back(convert(item));
    out.value = std::move(items);
  } else if (const auto* table = node.as_table()) {
    out.value = convert_table(*table);
  } else {
    out.value = Value::Other{std::string(kind_name(node))};
  }
  return out;
}

}  // namespace

Result<Table> parse(std::string_view bytes, std::string_view name) {
  if (bytes.size() > kLargestDocument)
    return fail(Error(ErrorCode::kResourceExhausted, text::join(name, ": larger than 1 MiB")));
  const ::toml::parse_result parsed = ::toml::parse(bytes);
  if (!parsed) {
    const ::toml::parse_error& problem = parsed.error();
    return fail(invalid_argument(
        text::join(name, ": line ", problem.source().begin.line, ": ", problem.description())));
  }
  return convert_table(parsed.table());
}

}  // namespace nacre::images::registry::toml
