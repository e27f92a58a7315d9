// TOML (1.0) as far as two configuration files need it: everything but strings of several lines.
// Numbers with a fraction and dates are recognised and kept as text.
//
// Members of a table stand in the order in which they were written, which means something in
// hosts.toml. A name that is given twice is an error. Pure; errors are invalid_argument and name
// the line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace nacre::images::registry::toml {

struct Value;
struct Member;
using Array = std::vector<Value>;
using Table = std::vector<Member>;

struct Value {
  // A number with a fraction, a date: as it is written.
  struct Other {
    std::string text;
  };
  std::variant<std::string, bool, std::int64_t, Array, Table, Other> value;
  std::uint32_t line = 0;
  bool closed = false;  // an inline table or array: nothing may be added by a header
  bool header = false;  // a table that has had its [header]
};

struct Member {
  std::string key;
  Value value;
};

inline constexpr std::size_t kLargestDocument = std::size_t{1} << 20U;

[[nodiscard]] Result<Table> parse(std::string_view bytes, std::string_view name);

// Reads a table key by key, so that a key which nobody has asked for can be named. `where` begins
// the messages: `hosts.toml: host."https://a"`.
class Reader {
 public:
  Reader(const Table& table, std::string where) : table_(table), where_(std::move(where)) {}

  [[nodiscard]] Result<std::string> text(std::string_view key, std::string missing = {});
  [[nodiscard]] Result<bool> flag(std::string_view key, bool missing);
  // A string, or an array of strings.
  [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view key);
  [[nodiscard]] Result<const Table*> table(std::string_view key);                // null: absent
  [[nodiscard]] Result<std::vector<const Table*>> tables(std::string_view key);  // [[key]]
  [[nodiscard]] const Value* find(std::string_view key);
  // A key that was not asked for is an error: misspelt, it would silently mean nothing.
  [[nodiscard]] Result<void> nothing_else() const;
  [[nodiscard]] Error error(std::string_view key, std::string_view why) const;
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  const Table& table_;
  std::string where_;
  std::vector<std::string> asked_;
};

}  // namespace nacre::images::registry::toml
