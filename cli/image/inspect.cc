#include "base/text.h"
#include "cli/image/commands.h"
#include "cli/image/flags.h"
#include "cli/image/session.h"
#include "cli/image/views.h"
#include "cli/render/template.h"
#include "cli/render/terminal.h"

namespace nacre::cli {
namespace {

constexpr std::string_view kIndent = "    ";  // as docker has it

Result<std::string> rendered(const Value::List& found, std::string_view format) {
  if (format.empty()) return Value(found).to_json(kIndent) + "\n";
  if (format == "json") return Value(found).to_json({}) + "\n";
  const Template line = NACRE_TRY(Template::parse(unescaped(format)));
  std::string out;
  for (const Value& one : found) {
    out += NACRE_TRY(line.render(one));
    out += '\n';
  }
  return out;
}

Result<int> inspect(const GlobalOptions& global, const Arguments& arguments) {
  const auto platform = NACRE_TRY(platform_of(arguments));
  Session session = NACRE_TRY(Session::open(global, Needs::kStore));
  Value::List found;
  std::string errors;
  for (const std::string& name : arguments.positionals()) {
    const auto image = session.images().inspect(name, platform);
    if (image) {
      found.push_back(inspect_view(*image));
    } else {
      text::append(errors, "nacre: ", image.error().message(), '\n');
    }
  }
  // What was found is shown, whatever else was not.
  const std::string text = NACRE_TRY(rendered(found, arguments.value("format")));
  NACRE_TRY(print(text));
  say(errors);
  return errors.empty() ? 0 : 1;
}

}  // namespace

CommandSpec inspect_command() {
  static constexpr std::string_view kNames[] = {"image inspect"};
  static constexpr FlagSpec kFlags[] = {
      {.name = "format",
       .short_name = 'f',
       .value_name = "FORMAT",
       .help = "json, or a template such as '{{json .Config}}'"},
      kPlatformFlag,
  };
  return {.names = kNames,
          .summary = "Show everything about images",
          .synopsis = "[OPTIONS] IMAGE [IMAGE...]",
          .description =
              "A JSON list in the shape of docker's. Under .Nacre stand the manifest, each layer "
              "with its blob and state, and the platforms of an index.",
          .flags = kFlags,
          .min_positionals = 1,
          .operands = Operands::kImages,
          .run = inspect};
}

}  // namespace nacre::cli
