#include "runtime/commandline/help.h"

#include "base/prose.h"
#include "base/text.h"

namespace nacre::commandline {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kIndent = 3;

void append_description(std::string& out, std::string_view description) {
  bool first = true;
  for (const std::string_view paragraph : text::paragraphs(description)) {
    if (!first) out += '\n';
    first = false;
    if (paragraph.starts_with(' ')) {
      text::append(out, paragraph, '\n');
      continue;
    }
    for (const std::string& line : text::wrap(paragraph, kColumns - kIndent)) {
      out.append(kIndent, ' ');
      text::append(out, line, '\n');
    }
  }
}

using text::Row;

void append_rows(std::string& out, const std::vector<Row>& rows, std::size_t widest_left) {
  text::append_rows(out, rows, {.total = kColumns, .indent = kIndent, .widest_left = widest_left});
}

Row help_row() { return {"--help, -h", "show help"}; }

void append_flags(std::string& out, std::span<const FlagSpec> flags, const std::vector<Row>& more) {
  constexpr std::size_t kWidestFlag = 26;
  std::vector<Row> rows;
  for (const FlagSpec& flag : flags) rows.push_back({flag_usage(flag), flag.help});
  rows.insert(rows.end(), more.begin(), more.end());
  append_rows(out, rows, kWidestFlag);
}

}  // namespace

std::string flag_usage(const FlagSpec& flag) {
  const std::string value = flag.value_name.empty() ? "" : text::join(' ', flag.value_name);
  std::string usage = text::join("--", flag.name, value);
  if (flag.short_name != '\0') text::append(usage, ", -", flag.short_name, value);
  return usage;
}

std::string program_help(std::string_view program, std::string_view version,
                         std::span<const CommandSpec> table) {
  std::string out =
      text::join("NAME:\n   ", program, " - ", kProgramSummary, "\n\nUSAGE:\n   ", program,
                 " [global options] command [command options] [arguments...]", "\n\nVERSION:\n   ",
                 version, "\n\nCOMMANDS:\n");
  std::vector<Row> rows;
  for (const CommandSpec& command : table)
    rows.push_back({std::string(command.name), command.summary});
  rows.push_back({"help, h", "show this list, or the help of one command"});
  append_rows(out, rows, kColumns / 2);
  out += "\nGLOBAL OPTIONS:\n";
  append_flags(out, global_flags(), {help_row(), {"--version, -v", "print the version"}});
  return out;
}

std::string command_help(std::string_view program, const CommandSpec& command) {
  std::string out = text::join("NAME:\n");
  append_description(out, text::join(program, ' ', command.name, " - ", command.summary));
  text::append(out, "\nUSAGE:\n");
  append_description(out, text::join(program, ' ', command.name, ' ', command.synopsis));
  if (!command.description.empty()) {
    out += "\nDESCRIPTION:\n";
    append_description(out, command.description);
  }
  out += "\nOPTIONS:\n";
  append_flags(out, command.flags, {help_row()});
  return out;
}

}  // namespace nacre::commandline
