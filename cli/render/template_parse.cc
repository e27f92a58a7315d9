#include <algorithm>
#include <optional>

#include "base/text.h"
#include "cli/render/template.h"
#include "cli/render/template_functions.h"

namespace nacre::cli {
namespace {

using namespace template_ast;

constexpr std::size_t kMostDepth = 64;

Error wrong(std::string_view what) { return invalid_argument(text::join("template: ", what)); }

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view trimmed_left(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}
std::string_view trimmed_right(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The inside of one {{...}}.
class Expression {
 public:
  explicit Expression(std::string_view text) : rest_(text), whole_(text) {}

  // Up to the end, or to the closing parenthesis.
  Result<Pipeline> pipeline(std::size_t depth) {
    if (depth > kMostDepth) return fail(wrong("parentheses stand in each other too deeply"));
    Pipeline out;
    for (;;) {
      out.commands.push_back(NACRE_TRY(command(depth)));
      skip_blanks();
      if (!rest_.starts_with('|')) return out;
      rest_.remove_prefix(1);
    }
  }
  Result<void> expect_end() {
    skip_blanks();
    if (!rest_.empty()) return fail(unexpected());
    return {};
  }

 private:
  void skip_blanks() { rest_ = trimmed_left(rest_); }
  Error unexpected() const {
    return wrong(
        text::join("unexpected ", text::quote(rest_.substr(0, 20)), " in {{", whole_, "}}"));
  }

  Result<Command> command(std::size_t depth) {
    Command out;
    for (;;) {
      skip_blanks();
      if (rest_.empty() || rest_.front() == '|' || rest_.front() == ')') break;
      out.push_back(NACRE_TRY(operand(depth)));
    }
    if (out.empty()) return fail(wrong(text::join("a value is missing in {{", whole_, "}}")));
    if (out.size() > 1 && out.front().kind != Operand::Kind::kFunction)
      return fail(wrong(text::join("{{", whole_, "}}: only a function takes arguments")));
    for (std::size_t i = 1; i < out.size(); ++i) {
      if (out[i].kind == Operand::Kind::kFunction)
        return fail(wrong(text::join("{{", whole_, "}}: put ", out[i].function,
                                     " and its arguments in parentheses")));
    }
    return out;
  }

  Result<Operand> operand(std::size_t depth) {
    const char c = rest_.front();
    if (c == '"' || c == '`') return text_literal(c);
    if ((c >= '0' && c <= '9') || c == '-') return number_literal();
    Operand out;
    if (c == '(') {
      rest_.remove_prefix(1);
      out.kind = Operand::Kind::kParenthesis;
      out.inner = std::make_shared<const Pipeline>(NACRE_TRY(pipeline(depth + 1)));
      if (!rest_.starts_with(')'))
        return fail(wrong(text::join("a parenthesis is not closed in {{", whole_, "}}")));
      rest_.remove_prefix(1);
    } else if (c == '$') {
      rest_.remove_prefix(1);
      out.kind = Operand::Kind::kRoot;
      if (!rest_.empty() && is_word(rest_.front()))
        return fail(wrong("variables are not supported: only $ itself"));
    } else if (c == '.') {
      out.kind = Operand::Kind::kDot;
      if (rest_.size() == 1 || !is_word(rest_[1])) rest_.remove_prefix(1);
    } else {
      return word();
    }
    NACRE_TRY(fields(out));
    return out;
  }

  Result<void> fields(Operand& out) {
    while (rest_.starts_with('.')) {
      rest_.remove_prefix(1);
      std::string name = take_word();
      if (name.empty()) return fail(unexpected());
      out.fields.push_back(std::move(name));
    }
    return {};
  }

  std::string take_word() {
    const auto end = std::ranges::find_if_not(rest_, is_word);
    std::string out(rest_.begin(), end);
    rest_.remove_prefix(out.size());
    return out;
  }

  Result<Operand> word() {
    const std::string name = take_word();
    if (name.empty()) return fail(unexpected());
    Operand out;
    out.kind = Operand::Kind::kLiteral;
    if (name == "true" || name == "false") {
      out.literal = Value(name == "true");
      return out;
    }
    if (name == "nil") return out;
    if (!is_template_function(name))
      return fail(wrong(text::join("function ", text::quote(name), " not defined")));
    out.kind = Operand::Kind::kFunction;
    out.function = name;
    return out;
  }

  Result<Operand> number_literal() {
    const std::size_t end = std::min(rest_.find_first_not_of("0123456789", 1), rest_.size());
    const auto number = text::parse_i64(rest_.substr(0, end));
    if (!number) return fail(unexpected());
    rest_.remove_prefix(end);
    Operand out;
    out.kind = Operand::Kind::kLiteral;
    out.literal = Value(*number);
    return out;
  }

  Result<Operand> text_literal(char quote) {
    rest_.remove_prefix(1);
    std::string content;
    for (;;) {
      if (rest_.empty()) return fail(wrong(text::join("a text is not closed in {{", whole_, "}}")));
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == quote) break;
      if (c == '\\' && quote == '"') {
        if (rest_.empty()) continue;
        c = rest_.front() == 'n' ? '\n' : rest_.front() == 't' ? '\t' : rest_.front();
        rest_.remove_prefix(1);
      }
      content += c;
    }
    Operand out;
    out.kind = Operand::Kind::kLiteral;
    out.literal = Value(std::move(content));
    return out;
  }

  std::string_view rest_, whole_;
};

struct Piece {
  bool action = false;
  std::string_view text;
};

// Where {{...}} ends: not inside a text.
std::size_t end_of_action(std::string_view text) {
  if (trimmed_left(text).starts_with("/*")) {
    const std::size_t comment = text.find("*/");
    return comment == std::string_view::npos ? comment : text.find("}}", comment);
  }
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == '\\' && quote == '"') {
        ++i;
      } else if (c == quote) {
        quote = '\0';
      }
    } else if (c == '"' || c == '`') {
      quote = c;
    } else if (text.substr(i).starts_with("}}")) {
      return i;
    }
  }
  return std::string_view::npos;
}

// Text and actions in turn; {{- and -}} trim what stands beside them.
Result<std::vector<Piece>> cut(std::string_view text) {
  std::vector<Piece> out;
  bool trim_next = false;
  while (!text.empty()) {
    const std::size_t open = text.find("{{");
    std::string_view before = text.substr(0, open);
    if (trim_next) before = trimmed_left(before);
    trim_next = false;
    if (open == std::string_view::npos) {
      out.push_back({false, before});
      break;
    }
    text.remove_prefix(open + 2);
    if (text.size() > 1 && text[0] == '-' && is_blank(text[1])) {
      before = trimmed_right(before);
      text.remove_prefix(1);
    }
    const std::size_t close = end_of_action(text);
    if (close == std::string_view::npos)
      return fail(wrong(text::join("{{", text.substr(0, 30), " is not closed with }}")));
    std::string_view inside = text.substr(0, close);
    if (inside.size() > 1 && inside.back() == '-' && is_blank(inside[inside.size() - 2])) {
      trim_next = true;
      inside.remove_suffix(1);
    }
    if (!before.empty()) out.push_back({false, before});
    inside = trimmed_left(trimmed_right(inside));
    if (!inside.starts_with("/*")) out.push_back({true, inside});
    text.remove_prefix(close + 2);
  }
  return out;
}

std::string_view keyword_of(std::string_view action) {
  const std::size_t end = action.find_first_of(" \t\n(");
  return action.substr(0, end);
}

class Parser {
 public:
  explicit Parser(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

  Result<std::vector<Node>> all() {
    auto nodes = NACRE_TRY(until_end(0));
    if (next_ < pieces_.size())
      return fail(wrong(text::join("{{", pieces_[next_].text, "}} without a beginning")));
    return nodes;
  }

 private:
  // Stops in front of an {{end}} or {{else}} that is not its own.
  Result<std::vector<Node>> until_end(std::size_t depth) {
    if (depth > kMostDepth) return fail(wrong("blocks stand in each other too deeply"));
    std::vector<Node> out;
    while (next_ < pieces_.size()) {
      const Piece& piece = pieces_[next_];
      const std::string_view keyword = keyword_of(piece.text);
      if (piece.action && (keyword == "end" || keyword == "else")) break;
      ++next_;
      out.push_back(piece.action ? NACRE_TRY(action(piece.text, depth))
                                 : Node{Node::Kind::kText, std::string(piece.text), {}, {}, {}});
    }
    return out;
  }

  static Result<Pipeline> expression(std::string_view text) {
    Expression parser(text);
    Pipeline out = NACRE_TRY(parser.pipeline(0));
    NACRE_TRY(parser.expect_end());
    return out;
  }

  Result<Node> action(std::string_view text, std::size_t depth) {
    const std::string_view keyword = keyword_of(text);
    for (const char* other : {"define", "template", "block", "break", "continue"}) {
      if (keyword == other) return fail(wrong(text::join("{{", other, "}} is not supported")));
    }
    Node node;
    node.kind = keyword == "if"      ? Node::Kind::kIf
                : keyword == "range" ? Node::Kind::kRange
                : keyword == "with"  ? Node::Kind::kWith
                                     : Node::Kind::kAction;
    if (node.kind == Node::Kind::kAction) {
      node.pipeline = NACRE_TRY(expression(text));
      return node;
    }
    node.pipeline = NACRE_TRY(expression(text.substr(keyword.size())));
    node.body = NACRE_TRY(until_end(depth + 1));
    node.otherwise = NACRE_TRY(other_branch(keyword, depth + 1));
    return node;
  }

  // What follows the body: {{end}}, {{else}}...{{end}} or {{else if ..}}, which ends with the same
  // {{end}}.
  Result<std::vector<Node>> other_branch(std::string_view block, std::size_t depth) {
    if (next_ == pieces_.size()) return fail(wrong(text::join("{{", block, "}} without {{end}}")));
    const std::string_view text = pieces_[next_++].text;
    if (text == "end") return std::vector<Node>{};
    if (keyword_of(text) == "end") return fail(wrong(text::join("unexpected {{", text, "}}")));
    const std::string_view condition = trimmed_left(text.substr(4));
    if (!condition.empty()) {
      std::vector<Node> out;
      out.push_back(NACRE_TRY(action(condition, depth)));
      return out;
    }
    auto out = NACRE_TRY(until_end(depth));
    if (next_ == pieces_.size() || pieces_[next_].text != "end")
      return fail(wrong(text::join("{{", block, "}} without {{end}}")));
    ++next_;
    return out;
  }

  std::vector<Piece> pieces_;
  std::size_t next_ = 0;
};

}  // namespace

Result<Template> Template::parse(std::string_view text) {
  Parser parser(NACRE_TRY(cut(text)));
  return Template(NACRE_TRY(parser.all()));
}

}  // namespace nacre::cli
