#include "cli/render/template_functions.h"

#include <algorithm>
#include <compare>
#include <iterator>

#include "base/text.h"

namespace nacre::cli {
namespace {

using Arguments = std::vector<Value>;
using Function = Result<Value> (*)(const Arguments&);

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

Result<Value> call_json(const Arguments& given) { return Value(given[0].to_json({})); }

Result<Value> call_join(const Arguments& given) {
  const Value::List* list = given[0].list();
  const std::string* between = given[1].text();
  if (between == nullptr || (list == nullptr && !given[0].is_null()))
    return fail(invalid_argument("it takes a list and a text"));
  std::vector<std::string> parts;
  if (list != nullptr) {
    for (const Value& one : *list) parts.push_back(one.to_text());
  }
  return Value(text::join_with(parts, *between));
}

Result<Value> call_split(const Arguments& given) {
  const std::string *whole = given[0].text(), *at = given[1].text();
  if (whole == nullptr || at == nullptr || at->empty())
    return fail(invalid_argument("it takes a text and what divides it"));
  Value::List out;
  std::string_view rest = *whole;
  for (;;) {
    const std::size_t end = rest.find(*at);
    out.emplace_back(std::string(rest.substr(0, end)));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + at->size());
  }
  return Value(std::move(out));
}

Result<Value> call_lower(const Arguments& given) {
  std::string out = given[0].to_text();
  std::ranges::transform(out, out.begin(), lower);
  return Value(std::move(out));
}
Result<Value> call_upper(const Arguments& given) {
  std::string out = given[0].to_text();
  std::ranges::transform(out, out.begin(), upper);
  return Value(std::move(out));
}
Result<Value> call_title(const Arguments& given) {
  std::string out = given[0].to_text();
  char before = ' ';
  for (char& c : out) {
    if (before == ' ') c = upper(c);
    before = c;
  }
  return Value(std::move(out));
}

// Of a text that somebody gave: neither negative nor so long that it fills the memory.
Result<std::size_t> small_number(const Value& value) {
  constexpr std::int64_t kMost = 10'000;
  const std::int64_t* number = value.number();
  if (number == nullptr || *number < 0 || *number > kMost)
    return fail(invalid_argument("a number from 0 to 10000 is wanted"));
  return static_cast<std::size_t>(*number);
}

Result<Value> call_pad(const Arguments& given) {
  const std::string text = given[0].to_text();
  const std::size_t before = NACRE_TRY(small_number(given[1]));
  const std::size_t after = NACRE_TRY(small_number(given[2]));
  return Value(std::string(before, ' ') + text + std::string(after, ' '));
}
Result<Value> call_truncate(const Arguments& given) {
  const std::size_t length = NACRE_TRY(small_number(given[1]));
  return Value(given[0].to_text().substr(0, length));
}

Result<Value> call_len(const Arguments& given) {
  std::size_t length = 0;
  if (const std::string* text = given[0].text()) {
    length = text->size();
  } else if (const Value::List* list = given[0].list()) {
    length = list->size();
  } else if (const auto* members = given[0].members()) {
    length = members->size();
  } else if (!given[0].is_null()) {
    return fail(invalid_argument("it takes a text, a list or a map"));
  }
  return Value(static_cast<std::int64_t>(length));
}

Result<Value> call_index(const Arguments& given) {
  Value at = given[0];
  for (std::size_t i = 1; i < given.size(); ++i) {
    const Value& key = given[i];
    if (const Value::List* list = at.list(); list != nullptr && key.number() != nullptr) {
      const std::int64_t position = *key.number();
      if (position < 0 || static_cast<std::uint64_t>(position) >= list->size())
        return fail(
            invalid_argument(text::join("index out of range: ", position, " of ", list->size())));
      at = Value((*list)[static_cast<std::size_t>(position)]);
    } else if (key.text() != nullptr && (at.members() != nullptr || at.is_null())) {
      const Value* found = at.find(*key.text());
      at = found == nullptr ? Value("") : Value(*found);
    } else {
      return fail(invalid_argument("it takes a list and a number, or a map and a text"));
    }
  }
  return at;
}

Result<Value> call_slice(const Arguments& given) {
  const std::string* text = given[0].text();
  const Value::List* list = given[0].list();
  if (text == nullptr && list == nullptr)
    return fail(invalid_argument("it takes a text or a list"));
  const std::size_t size = text != nullptr ? text->size() : list->size();
  const std::size_t from = given.size() > 1 ? NACRE_TRY(small_number(given[1])) : 0;
  const std::size_t to = given.size() > 2 ? NACRE_TRY(small_number(given[2])) : size;
  if (from > to || to > size)
    return fail(invalid_argument(text::join("out of range: ", from, " to ", to, " of ", size)));
  if (text != nullptr) return Value(text->substr(from, to - from));
  return Value(Value::List(list->begin() + static_cast<std::ptrdiff_t>(from),
                           list->begin() + static_cast<std::ptrdiff_t>(to)));
}

std::string all_texts(const Arguments& given, std::string_view between) {
  std::string out;
  for (std::size_t i = 0; i < given.size(); ++i)
    text::append(out, i == 0 ? "" : between, given[i].to_text());
  return out;
}
Result<Value> call_print(const Arguments& given) { return Value(all_texts(given, "")); }
Result<Value> call_println(const Arguments& given) { return Value(all_texts(given, " ") + "\n"); }

Result<std::strong_ordering> compare(const Value& a, const Value& b) {
  if (a.number() != nullptr && b.number() != nullptr) return *a.number() <=> *b.number();
  if (a.text() != nullptr && b.text() != nullptr) return a.text()->compare(*b.text()) <=> 0;
  return fail(invalid_argument("only two numbers or two texts can be compared"));
}

// Equal to any of those that follow.
Result<Value> call_eq(const Arguments& given) {
  return Value(std::any_of(given.begin() + 1, given.end(),
                           [&](const Value& one) { return one == given[0]; }));
}
Result<Value> call_ne(const Arguments& given) { return Value(!(given[0] == given[1])); }
Result<Value> call_lt(const Arguments& given) {
  return Value(NACRE_TRY(compare(given[0], given[1])) < 0);
}
Result<Value> call_le(const Arguments& given) {
  return Value(NACRE_TRY(compare(given[0], given[1])) <= 0);
}
Result<Value> call_gt(const Arguments& given) {
  return Value(NACRE_TRY(compare(given[0], given[1])) > 0);
}
Result<Value> call_ge(const Arguments& given) {
  return Value(NACRE_TRY(compare(given[0], given[1])) >= 0);
}
Result<Value> call_and(const Arguments& given) {
  for (const Value& one : given) {
    if (!one.truth()) return Value(one);
  }
  return Value(given.back());
}
Result<Value> call_or(const Arguments& given) {
  for (const Value& one : given) {
    if (one.truth()) return Value(one);
  }
  return Value(given.back());
}
Result<Value> call_not(const Arguments& given) { return Value(!given[0].truth()); }

struct Entry {
  std::string_view name;
  std::size_t least, most;
  Function function;
};
constexpr std::size_t kAny = 64;
constexpr Entry kFunctions[] = {{"json", 1, 1, call_json},
                                {"join", 2, 2, call_join},
                                {"split", 2, 2, call_split},
                                {"lower", 1, 1, call_lower},
                                {"upper", 1, 1, call_upper},
                                {"title", 1, 1, call_title},
                                {"pad", 3, 3, call_pad},
                                {"truncate", 2, 2, call_truncate},
                                {"len", 1, 1, call_len},
                                {"index", 1, kAny, call_index},
                                {"slice", 1, 3, call_slice},
                                {"print", 0, kAny, call_print},
                                {"println", 0, kAny, call_println},
                                {"eq", 2, kAny, call_eq},
                                {"ne", 2, 2, call_ne},
                                {"lt", 2, 2, call_lt},
                                {"le", 2, 2, call_le},
                                {"gt", 2, 2, call_gt},
                                {"ge", 2, 2, call_ge},
                                {"and", 1, kAny, call_and},
                                {"or", 1, kAny, call_or},
                                {"not", 1, 1, call_not}};

const Entry* find(std::string_view name) {
  const auto* found = std::ranges::find(kFunctions, name, &Entry::name);
  return found == std::end(kFunctions) ? nullptr : found;
}

}  // namespace

bool is_template_function(std::string_view name) { return find(name) != nullptr; }

Result<Value> call_template_function(std::string_view name, const std::vector<Value>& arguments) {
  const Entry* entry = find(name);
  if (entry == nullptr) return fail(invalid_argument(text::join("no function ", name)));
  if (arguments.size() < entry->least || arguments.size() > entry->most)
    return fail(invalid_argument(text::join(name, ": it does not take ", arguments.size(),
                                            arguments.size() == 1 ? " argument" : " arguments")));
  return NACRE_TRY_CTX(entry->function(arguments), name);
}

}  // namespace nacre::cli
