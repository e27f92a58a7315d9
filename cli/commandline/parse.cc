#include "cli/commandline/parse.h"

#include <algorithm>

#include "base/text.h"

namespace nacre::cli {
namespace {

constexpr int kBadFlags = 125;

// Words are read one after the other; which flags are known depends on the command found so far.
class Line {
 public:
  Line(std::span<const std::string_view> words, const CommandTable& table)
      : words_(words), table_(table) {}

  std::expected<Invocation, BadLine> parse() {
    while (next_ < words_.size()) {
      const std::string_view word = words_[next_++];
      if (flags_ended_ || word == "-" || !word.starts_with('-')) {
        if (!take_word(word)) return std::unexpected(bad_);
      } else if (word == "--") {
        flags_ended_ = true;
      } else if (!(word.starts_with("--") ? take_long(word.substr(2))
                                          : take_short(word.substr(1)))) {
        return std::unexpected(bad_);
      }
      if (help_) return invocation(Request::kHelp);
      if (version_) return invocation(Request::kVersion);
    }
    if (command_ == nullptr) return invocation(Request::kHelp);
    return check_count() ? std::expected<Invocation, BadLine>(invocation(Request::kRun))
                         : std::unexpected(bad_);
  }

 private:
  Invocation invocation(Request request) {
    return {request, command_, command_ == nullptr ? group_ : nullptr, std::move(arguments_)};
  }
  bool bad(std::string message, int status) {
    bad_ = {std::move(message), status, command_, group_};
    return false;
  }

  bool take_word(std::string_view word) {
    if (command_ != nullptr) {
      arguments_.add_positional(std::string(word));
      return true;
    }
    if (group_ == nullptr && word == "help") return take_help();
    const std::string name =
        group_ == nullptr ? std::string(word) : text::join(group_->name, ' ', word);
    for (const CommandSpec& command : table_.commands) {
      if (std::ranges::find(command.names, name) == command.names.end()) continue;
      command_ = &command;
      return true;
    }
    for (const GroupSpec& group : table_.groups) {
      if (group_ != nullptr || group.name != word) continue;
      group_ = &group;
      return true;
    }
    return bad(text::join("unknown command: nacre ", name), 1);
  }

  // "help image ls" is "image ls --help".
  bool take_help() {
    while (next_ < words_.size() && command_ == nullptr) {
      if (!take_word(words_[next_++])) return false;
    }
    help_ = true;
    return true;
  }

  const FlagSpec* find(auto matches) const {
    if (command_ != nullptr) {
      for (const FlagSpec& flag : command_->flags) {
        if (matches(flag)) return &flag;
      }
    }
    for (const FlagSpec& flag : global_flags()) {
      if (matches(flag)) return &flag;
    }
    return nullptr;
  }

  bool take_long(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (name.empty()) return bad(text::join("bad flag syntax: --", text), kBadFlags);
    if (name == "help" && equals == text.npos) return help_ = true;
    if (name == "version" && equals == text.npos && command_ == nullptr && group_ == nullptr)
      return version_ = true;
    const FlagSpec* flag = find([&](const FlagSpec& one) { return one.name == name; });
    if (flag == nullptr) return bad(text::join("unknown flag: --", name), kBadFlags);
    if (equals != text.npos) return set(*flag, text.substr(equals + 1));
    if (flag->value_name.empty()) return set(*flag, "true");
    if (next_ == words_.size())
      return bad(text::join("flag needs an argument: --", name), kBadFlags);
    return set(*flag, words_[next_++]);
  }

  bool take_short(std::string_view letters) {
    const std::string_view word = letters;
    while (!letters.empty()) {
      const char letter = letters.front();
      letters.remove_prefix(1);
      if (letter == 'h') return help_ = true;
      if (letter == 'v' && command_ == nullptr && group_ == nullptr) return version_ = true;
      const FlagSpec* flag = find([&](const FlagSpec& one) { return one.short_name == letter; });
      if (flag == nullptr)
        return bad(text::join("unknown shorthand flag: '", letter, "' in -", word), kBadFlags);
      if (flag->value_name.empty()) {
        if (!set(*flag, "true")) return false;
        continue;
      }
      if (letters.starts_with('=')) letters.remove_prefix(1);
      if (!letters.empty()) return set(*flag, letters);
      if (next_ == words_.size())
        return bad(text::join("flag needs an argument: '", letter, "' in -", word), kBadFlags);
      return set(*flag, words_[next_++]);
    }
    return true;
  }

  bool set(const FlagSpec& flag, std::string_view value) {
    if (flag.value_name.empty()) {
      const bool yes = value == "true" || value == "1" || value == "t";
      if (!yes && value != "false" && value != "0" && value != "f")
        return bad(text::join("invalid argument ", text::quote(value), " for \"--", flag.name,
                              "\": true or false is meant"),
                   kBadFlags);
      arguments_.refuse(flag.name);
      if (!yes) return true;
      arguments_.clear(flag.name);
      arguments_.set(flag.name, "true");
      return true;
    }
    if (flag.value_name.find('|') != std::string_view::npos) {
      const auto words = text::split(flag.value_name, '|');
      if (std::ranges::find(words, value) == words.end())
        return bad(text::join("invalid argument ", text::quote(value), " for \"--", flag.name,
                              "\": it is one of ", flag.value_name),
                   kBadFlags);
    }
    if (!flag.repeatable) arguments_.clear(flag.name);
    arguments_.set(flag.name, std::string(value));
    return true;
  }

  bool check_count() {
    const auto count = static_cast<int>(arguments_.positionals().size());
    const int least = command_->min_positionals, most = command_->max_positionals;
    if (count >= least && (most < 0 || count <= most)) return true;
    const std::string name = text::join("'nacre ", command_->names.front(), "'");
    const auto arguments = [](int number) {
      return text::join(number, number == 1 ? " argument" : " arguments");
    };
    if (most == 0) return bad(text::join(name, " accepts no arguments"), 1);
    if (least == most) return bad(text::join(name, " requires ", arguments(least)), 1);
    if (count < least) return bad(text::join(name, " requires at least ", arguments(least)), 1);
    return bad(text::join(name, " requires at most ", arguments(most)), 1);
  }

  std::span<const std::string_view> words_;
  const CommandTable& table_;
  std::size_t next_ = 0;
  bool flags_ended_ = false, help_ = false, version_ = false;
  const CommandSpec* command_ = nullptr;
  const GroupSpec* group_ = nullptr;
  Arguments arguments_;
  BadLine bad_;
};

}  // namespace

std::expected<Invocation, BadLine> parse_line(std::span<const std::string_view> words,
                                              const CommandTable& table) {
  return Line(words, table).parse();
}

}  // namespace nacre::cli
