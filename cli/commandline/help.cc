#include "cli/commandline/help.h"

#include "base/prose.h"
#include "base/text.h"

namespace nacre::cli {
namespace {

constexpr std::size_t kColumns = 80;
using text::Row;

void append_rows(std::string& out, const std::vector<Row>& rows) {
  text::append_rows(out, rows, {.total = kColumns, .indent = 2, .gap = 3, .widest_left = 26});
}

void append_flags(std::string& out, std::string_view title, std::span<const FlagSpec> flags,
                  const std::vector<Row>& more) {
  text::append(out, "\n", title, ":\n");
  std::vector<Row> rows;
  for (const FlagSpec& flag : flags) rows.push_back({flag_usage(flag), flag.help});
  rows.insert(rows.end(), more.begin(), more.end());
  append_rows(out, rows);
}

void append_paragraphs(std::string& out, std::string_view description) {
  for (const std::string_view paragraph : text::paragraphs(description)) {
    out += '\n';
    if (paragraph.starts_with(' ')) {
      text::append(out, paragraph, '\n');
      continue;
    }
    for (const std::string& line : text::wrap(paragraph, kColumns)) text::append(out, line, '\n');
  }
}

std::string program_help(const CommandTable& table) {
  std::string out =
      text::join("Usage:  nacre [OPTIONS] COMMAND\n\nNacre: ", kProgramSummary, "\n\nCommands:\n");
  std::vector<Row> rows;
  for (const GroupSpec& group : table.groups)
    rows.push_back({std::string(group.name), group.summary});
  // Under their shortest name, where they have one without a group.
  for (const CommandSpec& command : table.commands) {
    for (const std::string_view name : command.names) {
      if (name.find(' ') != std::string_view::npos) continue;
      rows.push_back({std::string(name), command.summary});
      break;
    }
  }
  append_rows(out, rows);
  append_flags(out, "Options", global_flags(),
               {{"-h, --help", "show help"}, {"-v, --version", "print the version"}});
  out += "\nRun 'nacre COMMAND --help' for more about a command.\n";
  return out;
}

std::string group_help(const GroupSpec& group, const CommandTable& table) {
  std::string out =
      text::join("Usage:  nacre ", group.name, " COMMAND\n\n", group.summary, "\n\nCommands:\n");
  std::vector<Row> rows;
  for (const CommandSpec& command : table.commands) {
    if (is_in(command, group))
      rows.push_back({std::string(last_word(command.names.front())), command.summary});
  }
  append_rows(out, rows);
  text::append(out, "\nRun 'nacre ", group.name, " COMMAND --help' for more about a command.\n");
  return out;
}

std::string command_help(const CommandSpec& command) {
  std::string out =
      text::join("Usage:  nacre ", command.names.front(), command.synopsis.empty() ? "" : " ",
                 command.synopsis, "\n\n", command.summary, '\n');
  append_paragraphs(out, command.description);
  if (command.names.size() > 1) {
    out += "\nAliases:\n ";
    for (std::size_t i = 0; i < command.names.size(); ++i)
      text::append(out, i == 0 ? " nacre " : ", nacre ", command.names[i]);
    out += '\n';
  }
  append_flags(out, "Options", command.flags, {{"-h, --help", "show help"}});
  append_flags(out, "Global options", global_flags(), {});
  return out;
}

}  // namespace

std::string flag_usage(const FlagSpec& flag) {
  std::string usage = flag.short_name == '\0' ? "    " : text::join('-', flag.short_name, ", ");
  text::append(usage, "--", flag.name);
  if (!flag.value_name.empty()) text::append(usage, ' ', flag.value_name);
  return usage;
}

std::string_view last_word(std::string_view name) {
  const std::size_t blank = name.rfind(' ');
  return blank == std::string_view::npos ? name : name.substr(blank + 1);
}

bool is_in(const CommandSpec& command, const GroupSpec& group) {
  const std::string_view name = command.names.front();
  return name.starts_with(group.name) && name.substr(group.name.size()).starts_with(' ');
}

std::string help_page(const Invocation& asked, const CommandTable& table) {
  if (asked.command != nullptr) return command_help(*asked.command);
  if (asked.group != nullptr) return group_help(*asked.group, table);
  return program_help(table);
}

std::string usage_hint(const BadLine& bad) {
  if (bad.command != nullptr)
    return text::join("Usage:  nacre ", bad.command->names.front(), ' ', bad.command->synopsis,
                      "\nRun 'nacre ", bad.command->names.front(), " --help' for more.\n");
  if (bad.group != nullptr)
    return text::join("Run 'nacre ", bad.group->name, " --help' for its commands.\n");
  return "Run 'nacre --help' for the commands.\n";
}

}  // namespace nacre::cli
