#include "images/registry/challenge.h"

#include "base/text.h"

namespace nacre::images::registry {
namespace {

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
bool is_token68_character(char c) {
  return is_token_character(c) || c == '/' || c == '=' || c == '+';
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] bool sees(char c) const { return !at_end() && text_[at_] == c; }
  void skip_blanks() {
    while (sees(' ') || sees('\t')) ++at_;
  }
  void skip_blanks_and_commas() {
    while (sees(' ') || sees('\t') || sees(',')) ++at_;
  }
  bool take(char c) {
    if (!sees(c)) return false;
    ++at_;
    return true;
  }
  std::string_view take_while(bool (*wanted)(char)) {
    const std::size_t begin = at_;
    while (!at_end() && wanted(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  [[nodiscard]] std::size_t place() const { return at_; }
  void back_to(std::size_t place) { at_ = place; }

  [[nodiscard]] Error error(std::string_view why) const {
    return invalid_argument(
        text::join("WWW-Authenticate: ", why, " at character ", at_, " of ", text::quote(text_)));
  }

  // After the opening quote.
  Result<std::string> quoted() {
    std::string out;
    while (!at_end()) {
      char c = text_[at_++];
      if (c == '"') return out;
      if (c == '\\') {
        if (at_end()) break;
        c = text_[at_++];
      }
      out += c;
    }
    return fail(error("a quoted value has no end"));
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// `name = value`; false, and nothing consumed, when what stands here is none: the next scheme.
Result<bool> read_param(Scanner& in, Challenge& out) {
  const std::size_t begin = in.place();
  const std::string_view name = in.take_while(is_token_character);
  in.skip_blanks();
  if (name.empty() || !in.take('=')) {
    in.back_to(begin);
    return false;
  }
  in.skip_blanks();
  std::string value;
  if (in.take('"')) {
    value = NACRE_TRY(in.quoted());
  } else {
    value = std::string(in.take_while(is_token_character));
    if (value.empty()) return fail(in.error("a value is missing"));
  }
  out.params.emplace(lower(name), std::move(value));
  return true;
}

// A lone token up to the next comma, as in `Negotiate YII=`.
bool read_token68(Scanner& in, Challenge& out) {
  const std::size_t begin = in.place();
  const std::string_view token = in.take_while(is_token68_character);
  in.skip_blanks();
  const std::size_t padding = token.find('=');
  const bool padding_only_at_end = padding == std::string_view::npos ||
                                   token.find_first_not_of('=', padding) == std::string_view::npos;
  if (!token.empty() && padding_only_at_end && (in.at_end() || in.sees(','))) {
    out.token68 = std::string(token);
    return true;
  }
  in.back_to(begin);
  return false;
}

Result<void> read_params(Scanner& in, Challenge& out) {
  in.skip_blanks();
  if (in.at_end() || in.sees(',')) return {};
  if (read_token68(in, out)) return {};
  for (;;) {
    if (!NACRE_TRY(read_param(in, out))) return {};
    in.skip_blanks();
    if (in.at_end()) return {};
    if (!in.sees(',')) return fail(in.error("a comma is missing"));
    in.skip_blanks_and_commas();
  }
}

}  // namespace

std::string_view Challenge::param(std::string_view name) const {
  const auto found = params.find(std::string(name));
  return found == params.end() ? std::string_view() : std::string_view(found->second);
}

Result<std::vector<Challenge>> parse_challenges(std::string_view value) {
  Scanner in(value);
  std::vector<Challenge> out;
  for (in.skip_blanks_and_commas(); !in.at_end(); in.skip_blanks_and_commas()) {
    Challenge one;
    one.scheme = lower(in.take_while(is_token_character));
    if (one.scheme.empty()) return fail(in.error("no scheme"));
    if (!in.at_end() && !in.sees(' ') && !in.sees('\t') && !in.sees(','))
      return fail(in.error("a blank is missing after the scheme"));
    NACRE_TRY(read_params(in, one));
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<Challenge>> challenges_of(const Headers& headers) {
  std::vector<Challenge> out;
  std::optional<Error> problem;
  for (const std::string_view value : headers.all("WWW-Authenticate")) {
    auto some = parse_challenges(value);
    if (!some) {
      problem = std::move(some).error();
      continue;
    }
    for (Challenge& one : *some) out.push_back(std::move(one));
  }
  if (out.empty() && problem) return fail(*std::move(problem));
  return out;
}

const Challenge* choose_challenge(const std::vector<Challenge>& challenges) {
  for (const std::string_view scheme : {"bearer", "basic"})
    for (const Challenge& one : challenges)
      if (one.scheme == scheme) return &one;
  return nullptr;
}

}  // namespace nacre::images::registry
