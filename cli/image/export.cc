#include "cli/image/commands.h"
#include "cli/image/flags.h"
#include "cli/image/interrupts.h"
#include "cli/image/output_file.h"
#include "cli/image/session.h"
#include "cli/render/painter.h"
#include "cli/render/terminal.h"

namespace nacre::cli {
namespace {

Result<int> export_all(const GlobalOptions& global, const Arguments& arguments,
                       const std::stop_token& stop) {
  const auto platform = NACRE_TRY(platform_of(arguments));
  const std::string& image = arguments.positionals().front();
  Session session = NACRE_TRY(Session::open(global, Needs::kMounts));
  auto file = NACRE_TRY(OutputFile::open(std::string(arguments.value("output"))));
  {
    Painter painter(kStandardError, choose_show(kStandardError, arguments.has("quiet")));
    const auto tell = [&](std::uint64_t bytes) {
      painter.set(image, {.activity = "writing", .done = bytes, .moving = true});
    };
    NACRE_TRY(session.images().export_tar(image, platform, file.sink(), tell, stop));
  }
  NACRE_TRY(file.keep());
  return 0;
}

Result<int> export_image(const GlobalOptions& global, const Arguments& arguments) {
  const auto interrupts = NACRE_TRY(Interrupts::watch());
  return interrupts->status_of(export_all(global, arguments, interrupts->token()),
                               "nothing was written");
}

}  // namespace

CommandSpec export_command() {
  static constexpr std::string_view kNames[] = {"image export"};
  static constexpr FlagSpec kFlags[] = {
      kOutputFlag,
      kPlatformFlag,
      kNoProgressFlag,
  };
  return {.names = kNames,
          .summary = "Write the root filesystem of an image into an archive",
          .synopsis = "[OPTIONS] IMAGE",
          .description =
              "A plain tar of what a container would see, without layers. Takes the "
              "right to mount.",
          .flags = kFlags,
          .min_positionals = 1,
          .max_positionals = 1,
          .operands = Operands::kImages,
          .run = export_image};
}

}  // namespace nacre::cli
