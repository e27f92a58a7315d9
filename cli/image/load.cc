#include "base/text.h"
#include "cli/image/commands.h"
#include "cli/image/flags.h"
#include "cli/image/input.h"
#include "cli/image/interrupts.h"
#include "cli/image/listener.h"
#include "cli/image/session.h"
#include "cli/render/terminal.h"
#include "images/reference/reference.h"

namespace nacre::cli {
namespace {

Result<void> report(const std::vector<images::LoadedImage>& loaded) {
  std::string out;
  for (const images::LoadedImage& image : loaded) {
    for (const std::string& name : image.names) {
      const auto reference = images::Reference::parse(name);
      text::append(out, "Loaded image: ", reference ? reference->familiar() : name, '\n');
    }
    if (image.names.empty()) text::append(out, "Loaded image ID: ", image.config.text(), '\n');
  }
  return print(out);
}

Result<int> load_all(const GlobalOptions& global, const Arguments& arguments,
                     const std::stop_token& stop) {
  const auto platform = NACRE_TRY(platform_of(arguments));
  const images::LoadOptions options{.platform = platform,
                                    .name = std::string(arguments.value("name"))};
  const Input input = NACRE_TRY(open_input(std::string(arguments.value("input"))));
  Session session = NACRE_TRY(Session::open(global, Needs::kStore));
  Result<std::vector<images::LoadedImage>> loaded = fail(internal_error("not loaded"));
  {
    Painter painter(kStandardError, choose_show(kStandardError, arguments.has("quiet")));
    BlobListener listener(painter, "reading");
    loaded = input.is_directory
                 ? session.images().load(input.directory, input.name, options, &listener, stop)
                 : session.images().load(input.stream(), input.name, options, &listener, stop);
  }
  if (!loaded) return fail(loaded.error());
  NACRE_TRY(report(*loaded));
  return 0;
}

Result<int> load(const GlobalOptions& global, const Arguments& arguments) {
  const auto interrupts = NACRE_TRY(Interrupts::watch());
  return interrupts->status_of(load_all(global, arguments, interrupts->token()),
                               "layers that are whole stay until the next collection");
}

}  // namespace

CommandSpec load_command() {
  static constexpr std::string_view kNames[] = {"image load", "load"};
  static constexpr FlagSpec kFlags[] = {
      {.name = "input",
       .short_name = 'i',
       .value_name = "FILE",
       .help = "an archive or a directory with an OCI layout; else standard input"},
      {.name = "name",
       .value_name = "NAME[:TAG]",
       .help = "the name of the one image in it, instead of the one it has"},
      kPlatformFlag,
      kNoProgressFlag,
  };
  return {.names = kNames,
          .summary = "Take images from an archive",
          .synopsis = "[OPTIONS]",
          .description =
              "OCI layouts (an archive, or a directory) and what `docker save` writes, "
              "compressed or not. From a file, layers are unpacked in parallel.",
          .flags = kFlags,
          .max_positionals = 0,
          .run = load};
}

}  // namespace nacre::cli
