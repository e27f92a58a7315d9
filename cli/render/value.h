// What a command shows, as data: rendered as JSON, or through a template. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nacre::cli {

struct Member;

class Value {
 public:
  using List = std::vector<Value>;
  // A record has the members it has: asking for another one is a mistake. A map does not: an
  // absent key is nothing.
  struct Record {
    std::vector<Member> members;
  };
  struct Map {
    std::vector<Member> members;
  };

  Value() = default;                                                       // nothing: null
  Value(bool value) : data_(value) {}                                      // NOLINT
  Value(std::int64_t value) : data_(value) {}                              // NOLINT
  Value(std::uint64_t value) : data_(static_cast<std::int64_t>(value)) {}  // NOLINT
  Value(std::string value) : data_(std::move(value)) {}                    // NOLINT
  Value(const char* value) : data_(std::string(value)) {}                  // NOLINT
  Value(List value) : data_(std::move(value)) {}                           // NOLINT

  [[nodiscard]] static Value record(std::vector<Member> members);
  [[nodiscard]] static Value map(const std::map<std::string, std::string>& entries);
  [[nodiscard]] static Value map(std::vector<Member> members);
  // A list of texts.
  template <class Range>
  [[nodiscard]] static Value texts(const Range& range) {
    List out;
    for (const std::string& one : range) out.emplace_back(one);
    return out;
  }

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&data_); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&data_); }
  [[nodiscard]] const std::int64_t* number() const { return std::get_if<std::int64_t>(&data_); }
  [[nodiscard]] const List* list() const { return std::get_if<List>(&data_); }
  // Of a record or a map; null of anything else.
  [[nodiscard]] const std::vector<Member>* members() const;
  [[nodiscard]] bool is_record() const { return std::holds_alternative<Record>(data_); }
  // Null when there is no such member.
  [[nodiscard]] const Value* find(std::string_view name) const;

  // As Go's templates see it: not empty, not zero, not nothing.
  [[nodiscard]] bool truth() const;
  // As they print it: "[a b]", "map[k:v]".
  [[nodiscard]] std::string to_text() const;
  // `indent` empty: on one line.
  [[nodiscard]] std::string to_json(std::string_view indent) const;

  friend bool operator==(const Value& a, const Value& b) { return a.to_json({}) == b.to_json({}); }

 private:
  std::variant<std::monostate, bool, std::int64_t, std::string, List, Record, Map> data_;
};

struct Member {
  std::string name;
  Value value;
};

}  // namespace nacre::cli
