#include "runtime/commandline/scan.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace nacre::commandline {
namespace {

constexpr FlagSpec kHelpFlag{.name = "help", .short_name = 'h', .help = "show help"};

struct Word {
  std::string_view name;  // without dashes
  std::optional<std::string_view> value;
};

Result<Word> split_flag(std::string_view word) {
  std::string_view body = word.substr(word.starts_with("--") ? 2 : 1);
  if (body.empty() || body.front() == '-' || body.front() == '=') {
    return fail(invalid_argument(text::join("bad flag syntax: ", word)));
  }
  const std::size_t equals = body.find('=');
  if (equals == std::string_view::npos) return Word{body, std::nullopt};
  return Word{body.substr(0, equals), body.substr(equals + 1)};
}

const FlagSpec* find_flag(std::span<const FlagSpec> flags, std::string_view name) {
  const auto matches = [&](const FlagSpec& flag) {
    return flag.name == name || (name.size() == 1 && flag.short_name == name.front());
  };
  const auto found = std::ranges::find_if(flags, matches);
  if (found != flags.end()) return &*found;
  return matches(kHelpFlag) ? &kHelpFlag : nullptr;
}

Result<bool> parse_bool(std::string_view text, std::string_view flag) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, text) != kFalse.end()) return false;
  return fail(invalid_argument(
      text::join("invalid boolean value ", text::quote(text), " for -", flag, ": parse error")));
}

Result<void> take_boolean(Scanned& into, const FlagSpec& flag, const Word& word) {
  const bool on = word.value ? NACRE_TRY(parse_bool(*word.value, word.name)) : true;
  if (&flag == &kHelpFlag) {
    into.help = on;
  } else {
    into.arguments.clear(flag.name);
    if (on) into.arguments.set(flag.name, "true");
  }
  return {};
}

bool is_flag(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

}  // namespace

Result<Scanned> scan(std::span<const std::string_view> words, std::span<const FlagSpec> flags,
                     Positionals mode) {
  Scanned result;
  std::size_t at = 0;
  bool flags_ended = false;
  for (; at < words.size(); ++at) {
    const std::string_view word = words[at];
    if (!flags_ended && word == "--") {
      flags_ended = true;
      continue;
    }
    if (flags_ended || !is_flag(word)) {
      if (mode == Positionals::kStop) break;
      if (mode == Positionals::kTakeTheRest) flags_ended = true;
      result.arguments.add_positional(std::string(word));
      continue;
    }
    const Word parts = NACRE_TRY(split_flag(word));
    const FlagSpec* flag = find_flag(flags, parts.name);
    if (flag == nullptr) {
      return fail(invalid_argument(text::join("flag provided but not defined: -", parts.name)));
    }
    if (flag->value_name.empty()) {
      NACRE_TRY(take_boolean(result, *flag, parts));
      continue;
    }
    if (!parts.value && at + 1 == words.size()) {
      return fail(invalid_argument(text::join("flag needs an argument: -", parts.name)));
    }
    result.arguments.set(flag->name, std::string(parts.value ? *parts.value : words[++at]));
  }
  result.next = at;
  return result;
}

}  // namespace nacre::commandline
