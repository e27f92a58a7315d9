#include "cli/version.h"

#include "base/text.h"
#include "cli/render/template.h"
#include "cli/render/terminal.h"
#include "cli/render/value.h"
#include "nacre_commit.h"  // made at build time

namespace nacre::cli {
namespace {

Result<int> version(const GlobalOptions&, const Arguments& arguments) {
  const Value all = Value::record({{"Version", NACRE_VERSION}, {"Commit", kNacreCommit}});
  const std::string_view format = arguments.value("format");
  if (format.empty()) return print_and_succeed(version_line() + "\n");
  if (format == "json") return print_and_succeed(all.to_json({}) + "\n");
  const Template line = NACRE_TRY(Template::parse(format));
  return print_and_succeed(NACRE_TRY(line.render(all)) + "\n");
}

}  // namespace

std::string version_line() {
  return text::join("nacre version ", NACRE_VERSION, ", commit ", kNacreCommit);
}

CommandSpec version_command() {
  static constexpr std::string_view kNames[] = {"version"};
  static constexpr FlagSpec kFlags[] = {{.name = "format",
                                         .short_name = 'f',
                                         .value_name = "FORMAT",
                                         .help = "json, or a template with .Version and .Commit"}};
  return {.names = kNames,
          .summary = "Print the version",
          .synopsis = "[OPTIONS]",
          .flags = kFlags,
          .max_positionals = 0,
          .run = version};
}

}  // namespace nacre::cli
