#include "cli/render/value.h"

#include "base/text.h"
#include "oci-spec/json/writer.h"

namespace nacre::cli {
namespace {

void write(json::Writer& out, const Value& value) {
  if (const bool* boolean = value.boolean()) {
    out.boolean(*boolean);
  } else if (const std::int64_t* number = value.number()) {
    out.number(*number);
  } else if (const std::string* text = value.text()) {
    out.string(*text);
  } else if (const Value::List* list = value.list()) {
    out.begin_array();
    for (const Value& one : *list) write(out, one);
    out.end_array();
  } else if (const auto* members = value.members()) {
    out.begin_object();
    for (const Member& member : *members) {
      out.key(member.name);
      write(out, member.value);
    }
    out.end_object();
  } else {
    out.null();
  }
}

}  // namespace

Value Value::record(std::vector<Member> members) {
  Value out;
  out.data_ = Record{std::move(members)};
  return out;
}

Value Value::map(std::vector<Member> members) {
  Value out;
  out.data_ = Map{std::move(members)};
  return out;
}

Value Value::map(const std::map<std::string, std::string>& entries) {
  std::vector<Member> members;
  for (const auto& [name, text] : entries) members.push_back({name, text});
  return map(std::move(members));
}

const std::vector<Member>* Value::members() const {
  if (const auto* one = std::get_if<Record>(&data_)) return &one->members;
  if (const auto* one = std::get_if<Map>(&data_)) return &one->members;
  return nullptr;
}

const Value* Value::find(std::string_view name) const {
  const auto* all = members();
  if (all == nullptr) return nullptr;
  for (const Member& member : *all) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

bool Value::truth() const {
  if (const bool* value = boolean()) return *value;
  if (const std::int64_t* value = number()) return *value != 0;
  if (const std::string* value = text()) return !value->empty();
  if (const List* value = list()) return !value->empty();
  if (is_record()) return true;
  if (const auto* value = members()) return !value->empty();
  return false;
}

std::string Value::to_text() const {
  if (const bool* value = boolean()) return *value ? "true" : "false";
  if (const std::int64_t* value = number()) return text::join(*value);
  if (const std::string* value = text()) return *value;
  std::string out;
  if (const List* value = list()) {
    for (const Value& one : *value) text::append(out, out.empty() ? "" : " ", one.to_text());
    return text::join('[', out, ']');
  }
  if (const auto* value = members()) {
    for (const Member& one : *value) {
      if (!out.empty()) out += ' ';
      if (!is_record()) text::append(out, one.name, ':');
      out += one.value.to_text();
    }
    return is_record() ? text::join('{', out, '}') : text::join("map[", out, ']');
  }
  return "<no value>";
}

std::string Value::to_json(std::string_view indent) const {
  json::Writer out(indent);
  write(out, *this);
  return std::move(out).take();
}

}  // namespace nacre::cli
