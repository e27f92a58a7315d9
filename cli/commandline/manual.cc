#include "cli/commandline/manual.h"

#include "base/prose.h"
#include "base/text.h"
#include "cli/commandline/help.h"

namespace nacre::cli {
namespace {

void append_paragraphs(std::string& out, std::string_view description) {
  for (const std::string_view paragraph : text::paragraphs(description)) {
    if (paragraph.starts_with(' ')) {
      text::append(out, ".PP\n.nf\n", text::for_man(paragraph), "\n.fi\n");
    } else {
      out += ".PP\n";
      for (const std::string& line : text::wrap(paragraph, 90))
        text::append(out, text::for_man(line), '\n');
    }
  }
}

void append_flags(std::string& out, std::span<const FlagSpec> flags) {
  for (const FlagSpec& flag : flags) {
    text::append(out, ".TP\n.B ", text::for_man(text::trim(flag_usage(flag))), '\n');
    for (const std::string& line : text::wrap(flag.help, 90))
      text::append(out, text::for_man(line), '\n');
    if (flag.repeatable) out += "May be given several times.\n";
  }
}

void append_command(std::string& out, const CommandSpec& command) {
  text::append(out, ".SS nacre ", text::for_man(command.names.front()), ' ',
               text::for_man(command.synopsis), '\n', text::for_man(command.summary), ".\n");
  for (std::size_t i = 1; i < command.names.size(); ++i)
    text::append(out, i == 1 ? "Also: " : ", ", "nacre ", text::for_man(command.names[i]),
                 i + 1 == command.names.size() ? ".\n" : "");
  append_paragraphs(out, command.description);
  append_flags(out, command.flags);
}

constexpr std::string_view kStatuses =
    ".SH EXIT STATUS\n.TP\n.B 0\ndone\n.TP\n.B 1\nit failed, and standard error says why; "
    "`image check` has found damage\nthat is not repaired\n.TP\n.B 125\na flag that is not known, "
    "or that lacks its value\n.TP\n.B 130, 143\nstopped by SIGINT or SIGTERM\n";

constexpr std::string_view kFiles =
    ".SH FILES\n.TP\n.B /var/lib/nacre\nthe data root of root\n.TP\n.B $XDG_DATA_HOME/nacre, "
    "~/.local/share/nacre\nthat of a user\n.TP\n.B /etc/nacre/certs.d/HOST/hosts.toml, "
    "/etc/containerd/certs.d/HOST/hosts.toml\nmirrors and certificates of a registry\n.TP\n"
    ".B /etc/containers/registries.conf\nthe same in the words of the containers tools\n.TP\n"
    ".B ~/.docker/config.json, ${XDG_RUNTIME_DIR}/containers/auth.json\ncredentials\n";

constexpr std::string_view kEnvironment =
    ".SH ENVIRONMENT\n.TP\n.B NACRE_DATA_ROOT\nthe data root, unless \\-\\-data\\-root is given\n"
    ".TP\n.B NO_COLOR\nno colours, whatever its value\n.TP\n.B DOCKER_CONFIG, REGISTRY_AUTH_FILE, "
    "CONTAINERS_REGISTRIES_CONF\nwhere credentials and the configuration of registries are\n";

}  // namespace

std::string manual_page(const CommandTable& table) {
  std::string out =
      text::join(".\\\" Made from the table of commands by nacre-docs: change it there.\n",
                 ".TH NACRE 1\n.SH NAME\nnacre \\- ", text::for_man(kProgramSummary),
                 "\n.SH SYNOPSIS\n.B nacre\n[OPTIONS] COMMAND [ARGUMENTS]\n.SH OPTIONS\n");
  append_flags(out, global_flags());
  out += ".TP\n.B \\-h, \\-\\-help\nshow help; of a command behind its name\n";
  out += ".TP\n.B \\-v, \\-\\-version\nprint the version\n";
  out += ".SH COMMANDS\n";
  for (const CommandSpec& command : table.commands) append_command(out, command);
  text::append(out, kStatuses, kFiles, kEnvironment, ".SH SEE ALSO\n.BR nacre-runtime (8)\n");
  return out;
}

}  // namespace nacre::cli
