#include "runtime/commandline/completions.h"

#include "base/prose.h"
#include "base/text.h"

namespace nacre::commandline {
namespace {

constexpr std::string_view kNotice =
    "# Made by nacre-runtime-docs from the table of commands: change it there.\n";

bool takes_id(const CommandSpec& command) {
  return command.synopsis.find("<container-id>") != std::string_view::npos;
}

bool is_choice(std::string_view value_name) {
  return value_name.find('|') != std::string_view::npos;
}

std::string with_blanks(std::string_view choices) {
  std::string out(choices);
  for (char& c : out) {
    if (c == '|') c = ' ';
  }
  return out;
}

bool is_directory(std::string_view value_name) { return value_name == "DIR"; }
bool is_file(std::string_view value_name) { return value_name == "FILE" || value_name == "SOCKET"; }

std::string flag_words(std::span<const FlagSpec> flags) {
  std::string words;
  for (const FlagSpec& flag : flags) {
    text::append(words, "--", flag.name, ' ');
    if (flag.short_name != '\0') text::append(words, '-', flag.short_name, ' ');
  }
  return words + "--help -h";
}

std::string command_names(std::span<const CommandSpec> table) {
  std::string names;
  for (const CommandSpec& command : table) text::append(names, command.name, ' ');
  return names + "help";
}

// One `case` branch for each flag with a value: what may stand behind it.
void append_bash_values(std::string& out, std::string_view scope, std::span<const FlagSpec> flags) {
  for (const FlagSpec& flag : flags) {
    if (flag.value_name.empty()) continue;
    text::append(out, "    ", scope, ":--", flag.name);
    if (flag.short_name != '\0') text::append(out, " | ", scope, ":-", flag.short_name);
    out += ") ";
    if (is_choice(flag.value_name)) {
      text::append(out, "words=", text::shell_quoted(with_blanks(flag.value_name)));
    } else {
      out += is_directory(flag.value_name) ? "kind='directory'"
             : is_file(flag.value_name)    ? "kind='file'"
                                           : "kind='free'";
    }
    out += " ;;\n";
  }
}

std::string zsh_flag(const FlagSpec& flag) {
  std::string help;
  for (const char c : flag.help) {
    if (c == '[' || c == ']' || c == ':') help += '\\';
    help += c;
  }
  std::string value;
  if (is_choice(flag.value_name)) {
    value = text::join(":value:(", with_blanks(flag.value_name), ')');
  } else if (is_directory(flag.value_name)) {
    value = ":directory:_files -/";
  } else if (is_file(flag.value_name)) {
    value = ":file:_files";
  } else if (!flag.value_name.empty()) {
    value = text::join(':', flag.value_name, ':');
  }
  const std::string_view many = flag.repeatable ? "*" : "";
  std::string out = text::shell_quoted(text::join(many, "--", flag.name, '[', help, ']', value));
  if (flag.short_name != '\0') {
    text::append(out, ' ',
                 text::shell_quoted(text::join(many, '-', flag.short_name, '[', help, ']', value)));
  }
  return out;
}

void append_zsh_flags(std::string& out, std::string_view indent, std::span<const FlagSpec> flags) {
  for (const FlagSpec& flag : flags) text::append(out, indent, zsh_flag(flag), " \\\n");
  text::append(out, indent, "'(- *)'{--help,-h}'[show help]'");
}

void append_fish_flag(std::string& out, std::string_view prefix, const FlagSpec& flag) {
  text::append(out, prefix, " -l ", flag.name);
  if (flag.short_name != '\0') text::append(out, " -s ", flag.short_name);
  if (is_choice(flag.value_name)) {
    text::append(out, " -x -a ", text::fish_quoted(with_blanks(flag.value_name)));
  } else if (is_directory(flag.value_name)) {
    out += " -x -a '(__fish_complete_directories)'";
  } else if (is_file(flag.value_name)) {
    out += " -r -F";
  } else if (!flag.value_name.empty()) {
    out += " -x";
  }
  text::append(out, " -d ", text::fish_quoted(flag.help), '\n');
}

}  // namespace

std::string bash_completion(std::string_view program, std::span<const CommandSpec> table) {
  std::string out = text::join(
      kNotice, "# shellcheck shell=bash\n_nacre_runtime() {\n",
      "  local word=${COMP_WORDS[COMP_CWORD]} scope=global root=() kind='' words='' skip='' i\n",
      "  COMPREPLY=()\n  for ((i = 1; i < COMP_CWORD; i++)); do\n",
      "    if [[ $skip ]]; then skip=''; continue; fi\n    case $scope:${COMP_WORDS[i]} in\n",
      "    global:--root) root=(--root \"${COMP_WORDS[i + 1]}\"); skip=1 ;;\n");
  for (const FlagSpec& flag : global_flags()) {
    if (flag.value_name.empty() || flag.name == "root") continue;
    text::append(out, "    global:--", flag.name, ") skip=1 ;;\n");
  }
  text::append(out,
               "    global:-*) ;;\n    global:*) scope=${COMP_WORDS[i]} ;;\n    esac\n  done\n",
               "  case $scope:${COMP_WORDS[COMP_CWORD - 1]} in\n");
  append_bash_values(out, "global", global_flags());
  for (const CommandSpec& command : table) append_bash_values(out, command.name, command.flags);
  text::append(out, "  esac\n  if [[ ! $kind && ! $words ]]; then\n",
               "    case $scope:$word in\n    global:-*) words=",
               text::shell_quoted(flag_words(global_flags()) + " --version -v"),
               " ;;\n    global:*) words=", text::shell_quoted(command_names(table)),
               " ;;\n    help:*) words=", text::shell_quoted(command_names(table)), " ;;\n");
  std::string with_ids;
  for (const CommandSpec& command : table) {
    text::append(out, "    ", command.name,
                 ":-*) words=", text::shell_quoted(flag_words(command.flags)), " ;;\n");
    if (takes_id(command)) {
      text::append(with_ids, with_ids.empty() ? "" : " | ", command.name, ":*");
    }
  }
  text::append(out, "    ", with_ids,
               ")\n      words=$(\"${COMP_WORDS[0]}\" \"${root[@]}\" list -q 2>/dev/null) ;;\n");
  text::append(out, "    esac\n  fi\n  case $kind in\n",
               "  directory) mapfile -t COMPREPLY < <(compgen -d -- \"$word\") ;;\n",
               "  file) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n", "  free) ;;\n",
               "  *) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") ;;\n",
               "  esac\n}\ncomplete -F _nacre_runtime ", program, '\n');
  return out;
}

std::string zsh_completion(std::string_view program, std::span<const CommandSpec> table) {
  std::string out = text::join("#compdef ", program, '\n', kNotice, "_nacre_runtime_ids() {\n",
                               "  local root=()\n  (( $+opt_args[--root] )) && root=(--root ",
                               "$opt_args[--root])\n  compadd -- ${(f)\"$(", program,
                               " $root list -q 2>/dev/null)\"}\n}\n\n_nacre_runtime() {\n",
                               "  local curcontext=$curcontext state line\n  typeset -A opt_args\n",
                               "  _arguments -C \\\n");
  append_zsh_flags(out, "    ", global_flags());
  text::append(out, " \\\n    '(- *)'{--version,-v}'[print the version]' \\\n",
               "    '1:command:->command' '*::argument:->argument'\n  case $state in\n",
               "  command)\n    local commands=(\n");
  for (const CommandSpec& command : table) {
    text::append(out, "      ", text::shell_quoted(text::join(command.name, ':', command.summary)),
                 '\n');
  }
  text::append(out,
               "    )\n    _describe command commands ;;\n  argument)\n    case $line[1] in\n");
  for (const CommandSpec& command : table) {
    text::append(out, "    ", command.name, ")\n      _arguments \\\n");
    append_zsh_flags(out, "        ", command.flags);
    if (takes_id(command)) out += " \\\n        '1:container:_nacre_runtime_ids'";
    out += " ;;\n";
  }
  text::append(out, "    esac ;;\n  esac\n}\n\n_nacre_runtime \"$@\"\n");
  return out;
}

std::string fish_completion(std::string_view program, std::span<const CommandSpec> table) {
  const std::string complete = text::join("complete -c ", program);
  std::string out = text::join(kNotice, complete, " -f\n");
  const std::string at_command = text::join(complete, " -n __fish_use_subcommand");
  for (const FlagSpec& flag : global_flags()) append_fish_flag(out, at_command, flag);
  text::append(out, complete, " -l help -s h -d 'show help'\n", at_command,
               " -l version -s v -d 'print the version'\n");
  for (const CommandSpec& command : table) {
    text::append(out, at_command, " -a ", command.name, " -d ", text::fish_quoted(command.summary),
                 '\n');
  }
  for (const CommandSpec& command : table) {
    const std::string inside =
        text::join(complete, " -n ",
                   text::fish_quoted(text::join("__fish_seen_subcommand_from ", command.name)));
    for (const FlagSpec& flag : command.flags) append_fish_flag(out, inside, flag);
    if (takes_id(command)) {
      text::append(out, inside, " -a '(", program, " list -q 2>/dev/null)'\n");
    }
  }
  return out;
}

}  // namespace nacre::commandline
