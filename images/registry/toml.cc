// A reader of our own: the one that Debian 12 has (tomlplusplus 3.3) ends the program on a document
// such as "[{" and has undefined behaviour in its tables of characters.
#include "images/registry/toml.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "images/registry/toml_scanner.h"

namespace nacre::images::registry::toml {
namespace {

constexpr int kMostDepth = 32;

class Parser {
 public:
  Parser(std::string_view bytes, std::string_view name) : in_(bytes, name) {}

  Result<Table> run() {
    Table root;
    Table* current = &root;
    for (in_.skip_lines(); !in_.at_end(); in_.skip_lines()) {
      if (in_.sees('[')) {
        current = NACRE_TRY(header(root));
      } else {
        NACRE_TRY(assignment(*current, 0));
      }
      NACRE_TRY(in_.end_of_line());
    }
    return root;
  }

 private:
  using Path = std::vector<std::string>;

  static Value* find(Table& table, std::string_view key) {
    const auto found =
        std::ranges::find_if(table, [&](const Member& one) { return one.key == key; });
    return found == table.end() ? nullptr : &found->value;
  }
  template <class T>
  Value& add(Table& table, std::string key, T content) const {
    table.push_back({std::move(key), {.value = std::move(content), .line = in_.line()}});
    return table.back().value;
  }
  [[nodiscard]] Error twice(std::string_view key) const {
    return in_.error(text::join(text::quote(key), " is there already"));
  }

  // The table that a name inside a path leads to; made when it is not there. Of an array of tables
  // the last one is meant.
  Result<Table*> step(Table& from, const std::string& key) const {
    Value* there = find(from, key);
    if (there == nullptr) return &std::get<Table>(add(from, key, Table{}).value);
    if (there->closed) return fail(twice(key));
    if (auto* table = std::get_if<Table>(&there->value)) return table;
    auto* array = std::get_if<Array>(&there->value);
    if (array == nullptr) return fail(twice(key));
    return &std::get<Table>(array->back().value);
  }
  Result<Table*> walk(Table& from, const Path& path) const {
    Table* at = &from;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) at = NACRE_TRY(step(*at, path[i]));
    return at;
  }

  // [a.b] or [[a.b]]
  Result<Table*> header(Table& root) {
    static_cast<void>(in_.take('['));
    const bool many = in_.take('[');
    const Path path = NACRE_TRY(key());
    if (!in_.take(']') || (many && !in_.take(']')))
      return fail(in_.error("the name of a table has no end"));
    Table& parent = *NACRE_TRY(walk(root, path));
    Value* there = find(parent, path.back());
    if (many) return open_element(parent, there, path.back());
    if (there == nullptr) there = &add(parent, path.back(), Table{});
    auto* table = std::get_if<Table>(&there->value);
    if (table == nullptr || there->closed || there->header) return fail(twice(path.back()));
    there->header = true;
    return table;
  }

  Result<Table*> open_element(Table& parent, Value* there, const std::string& key) const {
    if (there == nullptr) there = &add(parent, key, Array{});
    auto* array = std::get_if<Array>(&there->value);
    if (array == nullptr || there->closed) return fail(twice(key));
    array->push_back({.value = Table{}, .line = in_.line()});
    return &std::get<Table>(array->back().value);
  }

  // a.b = value
  Result<void> assignment(Table& table, int depth) {
    const Path path = NACRE_TRY(key());
    if (!in_.take('=')) return fail(in_.error("\"=\" is missing"));
    in_.skip_blanks();
    Table& parent = *NACRE_TRY(walk(table, path));
    if (find(parent, path.back()) != nullptr) return fail(twice(path.back()));
    Value content = NACRE_TRY(value(depth));
    parent.push_back({path.back(), std::move(content)});
    return {};
  }

  // With the blanks on both sides.
  Result<Path> key() {
    Path out;
    do {
      in_.skip_blanks();
      out.push_back(NACRE_TRY(in_.key_part()));
      if (out.size() > kMostDepth) return fail(in_.error("a name has too many parts"));
      in_.skip_blanks();
    } while (in_.take('.'));
    return out;
  }

  Result<Value> value(int depth) {
    if (depth > kMostDepth) return fail(in_.error("nested too deeply"));
    Value out{.line = in_.line(), .closed = true};
    if (in_.sees('"') || in_.sees('\'')) {
      out.value = NACRE_TRY(in_.string());
    } else if (in_.take('[')) {
      out.value = NACRE_TRY(array(depth));
    } else if (in_.take('{')) {
      out.value = NACRE_TRY(inline_table(depth));
    } else {
      NACRE_TRY(scalar(out));
    }
    return out;
  }

  // After the bracket. May go over several lines.
  Result<Array> array(int depth) {
    Array out;
    for (in_.skip_lines(); !in_.take(']'); in_.skip_lines()) {
      out.push_back(NACRE_TRY(value(depth + 1)));
      in_.skip_lines();
      if (!in_.take(',') && !in_.sees(']')) return fail(in_.error("an array has no end"));
    }
    return out;
  }

  // After the brace. On one line, without a comma at its end.
  Result<Table> inline_table(int depth) {
    Table out;
    in_.skip_blanks();
    if (in_.take('}')) return out;
    do {
      NACRE_TRY(assignment(out, depth + 1));
      in_.skip_blanks();
    } while (in_.take(','));
    if (!in_.take('}')) return fail(in_.error("a table has no end"));
    return out;
  }

  Result<void> scalar(Value& out) {
    const std::string_view word = in_.word();
    if (word == "true" || word == "false") {
      out.value = word == "true";
      return {};
    }
    if (const auto number = read_integer(word)) {
      out.value = *number;
      return {};
    }
    // Numbers with a fraction, dates: there are such values, and nobody here asks for one.
    if (word.find_first_of("0123456789") == 0 || word.starts_with('-') || word.starts_with('+')) {
      out.value = Value::Other{std::string(word)};
      return {};
    }
    return fail(in_.error("a value is missing or malformed"));
  }

  Scanner in_;
};

}  // namespace

Result<Table> parse(std::string_view bytes, std::string_view name) {
  if (bytes.size() > kLargestDocument)
    return fail(Error(ErrorCode::kResourceExhausted, text::join(name, ": larger than 1 MiB")));
  return Parser(bytes, name).run();
}

}  // namespace nacre::images::registry::toml
