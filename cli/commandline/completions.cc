#include "cli/commandline/completions.h"

#include <algorithm>

#include "base/prose.h"
#include "base/text.h"
#include "cli/commandline/help.h"

namespace nacre::cli {
namespace {

constexpr std::string_view kNotice =
    "# Made from the table of commands by nacre-docs: change it there.\n";
// What images there are, asked for at the moment of completion.
constexpr std::string_view kImages =
    "nacre image ls --format '{{.Repository}}:{{.Tag}}' 2>/dev/null";

bool is_choice(std::string_view value) { return value.find('|') != std::string_view::npos; }

std::string with_blanks(std::string_view value) {
  std::string out(value);
  std::ranges::replace(out, '|', ' ');
  return out;
}

std::string flag_words(std::span<const FlagSpec> flags) {
  std::string out;
  for (const FlagSpec& flag : flags) {
    text::append(out, "--", flag.name, ' ');
    if (flag.short_name != '\0') text::append(out, '-', flag.short_name, ' ');
  }
  return out;
}

// "ls pull ..." of a group; of nothing, the first words of everything.
std::string command_words(const CommandTable& table, const GroupSpec* group) {
  std::string out;
  if (group == nullptr) {
    for (const GroupSpec& one : table.groups) text::append(out, one.name, ' ');
  }
  for (const CommandSpec& command : table.commands) {
    for (const std::string_view name : command.names) {
      const std::size_t blank = name.find(' ');
      const bool fits = group == nullptr ? blank == std::string_view::npos
                                         : name.substr(0, blank) == group->name &&
                                               blank != std::string_view::npos;
      if (fits) text::append(out, last_word(name), ' ');
    }
  }
  return out;
}

// A case pattern of bash: every name of the command.
std::string pattern(const CommandSpec& command, std::string_view suffix) {
  std::string out;
  for (const std::string_view name : command.names)
    text::append(out, out.empty() ? "" : " | ", text::shell_quoted(name), suffix);
  return out;
}

void append_bash_values(std::string& out, const CommandSpec* command,
                        std::span<const FlagSpec> flags) {
  for (const FlagSpec& flag : flags) {
    if (flag.value_name.empty()) continue;
    std::string cases;
    const auto add = [&](const std::string& word) {
      text::append(cases, cases.empty() ? "" : " | ",
                   command == nullptr ? text::join("*:", word) : pattern(*command, ":" + word));
    };
    add(text::join("--", flag.name));
    if (flag.short_name != '\0') add(text::join('-', flag.short_name));
    text::append(out, "    ", cases, ") ");
    if (is_choice(flag.value_name)) {
      text::append(out, "kind=words words=", text::shell_quoted(with_blanks(flag.value_name)));
    } else {
      text::append(out, flag.value_name == "DIR"    ? "kind='directory'"
                        : flag.value_name == "FILE" ? "kind='file'"
                                                    : "kind='free'");
    }
    out += " ;;\n";
  }
}

std::string_view bash_operands(Operands operands) {
  switch (operands) {
    case Operands::kImages:
    case Operands::kImagesThenFree:
      return "kind='images'";
    case Operands::kFiles:
      return "kind='file'";
    case Operands::kNone:
      break;
  }
  return "kind='free'";
}

// What takes a value swallows the next word, which is then not the name of a command.
std::string value_flags(const CommandTable& table) {
  std::string out;
  const auto add = [&](const FlagSpec& flag) {
    if (flag.value_name.empty()) return;
    const std::string word = text::join("--", flag.name);
    if (out.find(word + " ") == std::string::npos && !out.ends_with(word))
      text::append(out, out.empty() ? "" : " | ", word);
  };
  for (const FlagSpec& flag : global_flags()) add(flag);
  static_cast<void>(table);
  return out;
}

std::string zsh_flag(const FlagSpec& flag) {
  std::string help;
  for (const char c : flag.help) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') help += '\\';
    help += c;
  }
  std::string value;
  if (is_choice(flag.value_name)) {
    value = text::join(":value:(", with_blanks(flag.value_name), ')');
  } else if (flag.value_name == "DIR") {
    value = ":directory:_files -/";
  } else if (flag.value_name == "FILE") {
    value = ":file:_files";
  } else if (!flag.value_name.empty()) {
    value = text::join(':', flag.value_name, ": ");
  }
  const std::string_view many = flag.repeatable ? "*" : "";
  std::string out = text::shell_quoted(text::join(many, "--", flag.name, '[', help, ']', value));
  if (flag.short_name != '\0')
    text::append(out, ' ',
                 text::shell_quoted(text::join(many, '-', flag.short_name, '[', help, ']', value)));
  return out;
}

void append_zsh_command(std::string& out, const CommandSpec& command) {
  text::append(out, "    ", pattern(command, ""), ")\n      _arguments -s \\\n");
  for (const FlagSpec& flag : command.flags) text::append(out, "        ", zsh_flag(flag), " \\\n");
  for (const FlagSpec& flag : global_flags())
    text::append(out, "        ", zsh_flag(flag), " \\\n");
  out += "        '(- *)'{--help,-h}'[show help]'";
  switch (command.operands) {
    case Operands::kImages:
    case Operands::kImagesThenFree:
      out += " \\\n        '*:image:_nacre_images'";
      break;
    case Operands::kFiles:
      out += " \\\n        '*:file:_files'";
      break;
    case Operands::kNone:
      break;
  }
  out += " ;;\n";
}

void append_zsh_list(std::string& out, const CommandTable& table, const GroupSpec* group) {
  for (const CommandSpec& command : table.commands) {
    if (group != nullptr && !is_in(command, *group)) continue;
    for (const std::string_view name : command.names) {
      if (group == nullptr && name.find(' ') != std::string_view::npos) continue;
      text::append(out, "      ",
                   text::shell_quoted(text::join(last_word(name), ':', command.summary)), '\n');
      break;
    }
  }
}

void append_fish_flag(std::string& out, std::string_view prefix, const FlagSpec& flag) {
  text::append(out, prefix, " -l ", flag.name);
  if (flag.short_name != '\0') text::append(out, " -s ", flag.short_name);
  if (is_choice(flag.value_name)) {
    text::append(out, " -x -a ", text::fish_quoted(with_blanks(flag.value_name)));
  } else if (flag.value_name == "DIR") {
    out += " -x -a '(__fish_complete_directories)'";
  } else if (flag.value_name == "FILE") {
    out += " -r -F";
  } else if (!flag.value_name.empty()) {
    out += " -x";
  }
  text::append(out, " -d ", text::fish_quoted(flag.help), '\n');
}

}  // namespace

std::string bash_completion(const CommandTable& table) {
  std::string out = text::join(
      kNotice, "# shellcheck shell=bash\n_nacre() {\n",
      "  local word=${COMP_WORDS[COMP_CWORD]} scope='' skip='' kind='' words='' before i\n",
      "  COMPREPLY=()\n  for ((i = 1; i < COMP_CWORD; i++)); do\n",
      "    if [[ $skip ]]; then skip=''; continue; fi\n    case ${COMP_WORDS[i]} in\n    ",
      value_flags(table), ") skip=1 ;;\n    -*) ;;\n    *)\n      case $scope in\n      '') ",
      "scope=${COMP_WORDS[i]} ;;\n");
  for (const GroupSpec& group : table.groups)
    text::append(out, "      ", group.name, ") scope=\"", group.name, " ${COMP_WORDS[i]}\" ;;\n");
  text::append(out, "      esac ;;\n    esac\n  done\n",
               "  before=${COMP_WORDS[COMP_CWORD - 1]}\n  case $scope:$before in\n");
  append_bash_values(out, nullptr, global_flags());
  for (const CommandSpec& command : table.commands)
    append_bash_values(out, &command, command.flags);
  text::append(
      out, "  esac\n  if [[ ! $kind ]]; then\n    kind=words\n    case $scope:$word in\n",
      "    '':-*) words=", text::shell_quoted(flag_words(global_flags()) + "--help --version"),
      " ;;\n    '':*) words=", text::shell_quoted(command_words(table, nullptr) + "help"), " ;;\n");
  for (const GroupSpec& group : table.groups)
    text::append(out, "    ", group.name,
                 ":*) words=", text::shell_quoted(command_words(table, &group)), " ;;\n");
  for (const CommandSpec& command : table.commands) {
    text::append(out, "    ", pattern(command, ":-*"),
                 ") words=", text::shell_quoted(flag_words(command.flags) + "--help"), " ;;\n");
    text::append(out, "    ", pattern(command, ":*"), ") ", bash_operands(command.operands),
                 " ;;\n");
  }
  text::append(out, "    esac\n  fi\n  case $kind in\n",
               "  directory) mapfile -t COMPREPLY < <(compgen -d -- \"$word\") ;;\n",
               "  file) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n",
               "  images)\n    mapfile -t COMPREPLY < <(compgen -W \"$(", kImages,
               ")\" -- \"$word\")\n    [[ $(type -t __ltrim_colon_completions) ]] && ",
               "__ltrim_colon_completions \"$word\" ;;\n",
               "  words) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") ;;\n",
               "  esac\n  return 0\n}\ncomplete -F _nacre nacre\n");
  return out;
}

std::string zsh_completion(const CommandTable& table) {
  std::string out =
      text::join("#compdef nacre\n", kNotice, "_nacre_images() {\n  compadd -- ${(f)\"$(", kImages,
                 ")\"}\n}\n\n_nacre_command() {\n  case $1 in\n");
  for (const CommandSpec& command : table.commands) append_zsh_command(out, command);
  text::append(out, "  esac\n}\n\n_nacre() {\n  local curcontext=$curcontext state line\n",
               "  typeset -A opt_args\n  _arguments -C \\\n");
  for (const FlagSpec& flag : global_flags()) text::append(out, "    ", zsh_flag(flag), " \\\n");
  text::append(out, "    '(- *)'{--help,-h}'[show help]' \\\n",
               "    '(- *)'{--version,-v}'[print the version]' \\\n",
               "    '1:command:->command' '*::argument:->argument'\n  case $state in\n",
               "  command)\n    local commands=(\n");
  for (const GroupSpec& group : table.groups)
    text::append(out, "      ", text::shell_quoted(text::join(group.name, ':', group.summary)),
                 '\n');
  append_zsh_list(out, table, nullptr);
  out += "    )\n    _describe command commands ;;\n  argument)\n    case $line[1] in\n";
  for (const GroupSpec& group : table.groups) {
    text::append(out, "    ", group.name, ")\n      if (( CURRENT == 2 )); then\n",
                 "        local commands=(\n");
    append_zsh_list(out, table, &group);
    text::append(out, "        )\n        _describe command commands\n      else\n",
                 "        local name=\"", group.name, " $words[2]\"\n        shift words\n",
                 "        (( CURRENT-- ))\n        _nacre_command $name\n      fi ;;\n");
  }
  out += "    *) _nacre_command $line[1] ;;\n    esac ;;\n  esac\n}\n\n_nacre \"$@\"\n";
  return out;
}

std::string fish_completion(const CommandTable& table) {
  std::string out = text::join(kNotice, "complete -c nacre -f\n");
  for (const FlagSpec& flag : global_flags()) append_fish_flag(out, "complete -c nacre", flag);
  out += "complete -c nacre -l help -s h -d 'show help'\n";
  out += "complete -c nacre -n __fish_use_subcommand -l version -s v -d 'print the version'\n";
  for (const GroupSpec& group : table.groups)
    text::append(out, "complete -c nacre -n __fish_use_subcommand -a ", group.name, " -d ",
                 text::fish_quoted(group.summary), '\n');
  for (const CommandSpec& command : table.commands) {
    for (const std::string_view name : command.names) {
      const std::size_t blank = name.find(' ');
      std::string inside;
      if (blank == std::string_view::npos) {
        text::append(out, "complete -c nacre -n __fish_use_subcommand -a ", name, " -d ",
                     text::fish_quoted(command.summary), '\n');
        inside = text::fish_quoted(text::join("__fish_seen_subcommand_from ", name));
      } else {
        const std::string_view group = name.substr(0, blank);
        text::append(out, "complete -c nacre -n ",
                     text::fish_quoted(text::join("__fish_seen_subcommand_from ", group)), " -a ",
                     last_word(name), " -d ", text::fish_quoted(command.summary), '\n');
        inside =
            text::fish_quoted(text::join("__fish_seen_subcommand_from ", group,
                                         "; and __fish_seen_subcommand_from ", last_word(name)));
      }
      const std::string prefix = text::join("complete -c nacre -n ", inside);
      for (const FlagSpec& flag : command.flags) append_fish_flag(out, prefix, flag);
      if (command.operands == Operands::kImages || command.operands == Operands::kImagesThenFree)
        text::append(out, prefix, " -a ", text::fish_quoted(text::join('(', kImages, ')')), '\n');
      if (command.operands == Operands::kFiles) text::append(out, prefix, " -F\n");
    }
  }
  return out;
}

}  // namespace nacre::cli
