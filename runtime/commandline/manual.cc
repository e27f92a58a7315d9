#include "runtime/commandline/manual.h"

#include "base/prose.h"
#include "base/text.h"
#include "runtime/commandline/help.h"

namespace nacre::commandline {
namespace {

constexpr std::string_view kIntroduction =
    "runs containers as the OCI runtime specification describes them. It takes a bundle, a "
    "directory "
    "with config.json and a root file system, and starts the process that config.json asks for in "
    "namespaces and a cgroup of its own. It is meant to be called by containerd, Docker, Podman, "
    "CRI-O and other container engines, and understands the command line of runc(8).\n\n"
    "Flags stand in front of a container's id. One dash or two make no difference. For exec, kill "
    "and ps everything behind the id belongs to the other program.";

constexpr std::string_view kExitStatus =
    "0 on success and 1 on failure; exec fails with 255. run and exec that stay in the foreground "
    "end with the status of the container's process, or with 128 + n if signal n ended it. One "
    "sentence on standard error says what went wrong, and so does one line of the log.";

struct Entry {
  std::string_view name;
  std::string_view text;
};

constexpr Entry kEnvironment[] = {
    {"XDG_RUNTIME_DIR", "where the state of containers lives without root; empty counts as unset."},
    {"NOTIFY_SOCKET",
     "at create and run: a socket of systemd that is told when the container is "
     "ready."},
    {"LISTEN_FDS, LISTEN_PID", "descriptors passed on to the container."},
};

constexpr Entry kFiles[] = {
    {"/run/nacre-runtime/<container-id>/state.json", "what later commands know of a container."},
    {"config.json", "in the bundle: the configuration of the container."},
};

void append_paragraphs(std::string& out, std::string_view description) {
  for (const std::string_view paragraph : text::paragraphs(description)) {
    if (paragraph.starts_with(' ')) {
      text::append(out, ".PP\n.nf\n", text::for_man(paragraph), "\n.fi\n");
      continue;
    }
    out += ".PP\n";
    for (const std::string& line : text::wrap(paragraph, 90))
      text::append(out, text::for_man(line), '\n');
  }
}

void append_entry(std::string& out, std::string_view name, std::string_view text_of_entry) {
  text::append(out, ".TP\n.B ", text::for_man(name), '\n', text::for_man(text_of_entry), '\n');
}

void append_flags(std::string& out, std::span<const FlagSpec> flags) {
  for (const FlagSpec& flag : flags) append_entry(out, flag_usage(flag), flag.help);
}

void append_command(std::string& out, std::string_view program, const CommandSpec& command) {
  text::append(out, ".SS ", text::for_man(command.name), "\n.B ",
               text::for_man(text::join(program, ' ', command.name)), '\n',
               text::for_man(command.synopsis), "\n.PP\n", text::for_man(command.summary), ".\n");
  append_paragraphs(out, command.description);
  append_flags(out, command.flags);
}

void append_entries(std::string& out, std::string_view heading, std::span<const Entry> entries) {
  text::append(out, ".SH ", heading, '\n');
  for (const Entry& entry : entries) append_entry(out, entry.name, entry.text);
}

}  // namespace

std::string manual_page(std::string_view program, std::span<const CommandSpec> table) {
  const std::string name = text::for_man(program);
  std::string out = text::join(
      ".\\\" Made by nacre-runtime-docs from the table of commands: change it there.\n",
      ".TH NACRE\\-RUNTIME 8 \"\" \"Nacre\" \"System Administration\"\n.SH NAME\n", name, " \\- ",
      kProgramSummary, "\n.SH SYNOPSIS\n.B ", name,
      "\n[global options] command [command options] [arguments...]\n.SH DESCRIPTION\n.B ", name,
      '\n');
  bool first = true;
  for (const std::string_view paragraph : text::paragraphs(kIntroduction)) {
    if (!first) out += ".PP\n";
    first = false;
    for (const std::string& line : text::wrap(paragraph, 90))
      text::append(out, text::for_man(line), '\n');
  }
  out += ".SH GLOBAL OPTIONS\n";
  append_flags(out, global_flags());
  append_entry(out, "--help, -h", "show help, of the program or behind a command of that command");
  append_entry(out, "--version, -v", "print the version");
  out += ".SH COMMANDS\n";
  for (const CommandSpec& command : table) append_command(out, program, command);
  out += ".SH EXIT STATUS\n";
  for (const std::string& line : text::wrap(kExitStatus, 90))
    text::append(out, text::for_man(line), '\n');
  append_entries(out, "ENVIRONMENT", kEnvironment);
  append_entries(out, "FILES", kFiles);
  out += ".SH SEE ALSO\n.BR runc (8),\n.BR crun (1),\n.BR cgroups (7),\n.BR namespaces (7)\n";
  return out;
}

}  // namespace nacre::commandline
