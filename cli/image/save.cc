#include "base/text.h"
#include "cli/image/commands.h"
#include "cli/image/flags.h"
#include "cli/image/interrupts.h"
#include "cli/image/listener.h"
#include "cli/image/output_file.h"
#include "cli/image/session.h"
#include "cli/render/terminal.h"
#include "sys/file.h"

namespace nacre::cli {
namespace {

// Made unless it is there.
Result<sys::DirFd> open_layout(const std::string& path) {
  const auto made = sys::mkdirat(sys::kCwd, path.c_str(), 0755);
  if (!made && made.error().value != EEXIST)
    return fail(Error::from_errno(made.error(), text::join("make directory ", path)));
  return NACRE_TRY_CTX(sys::openat<sys::DirFd>(sys::kCwd, path.c_str(), O_RDONLY | O_DIRECTORY),
                       path);
}

Result<int> save_all(const GlobalOptions& global, const Arguments& arguments,
                     const std::stop_token& stop) {
  const auto platform = NACRE_TRY(platform_of(arguments));
  const images::SaveOptions options{.platform = platform};
  const std::string path(arguments.value("output"));
  const bool folder = arguments.value("format") == "oci-dir";
  if (folder && path.empty())
    return fail(invalid_argument("a layout is a directory: --output DIR says which"));
  Session session = NACRE_TRY(Session::open(global, Needs::kStore));
  const auto images = NACRE_TRY(session.images().to_save(arguments.positionals()));

  Painter painter(kStandardError, choose_show(kStandardError, arguments.has("quiet")));
  BlobListener listener(painter, "writing");
  if (folder) {
    const sys::DirFd layout = NACRE_TRY(open_layout(path));
    NACRE_TRY(session.images().save(images, layout, options, &listener, stop));
    return 0;
  }
  auto file = NACRE_TRY(OutputFile::open(path));
  NACRE_TRY(session.images().save(images, file.sink(), options, &listener, stop));
  NACRE_TRY(file.keep());
  return 0;
}

Result<int> save(const GlobalOptions& global, const Arguments& arguments) {
  const auto interrupts = NACRE_TRY(Interrupts::watch());
  return interrupts->status_of(save_all(global, arguments, interrupts->token()),
                               "nothing was written");
}

}  // namespace

CommandSpec save_command() {
  static constexpr std::string_view kNames[] = {"image save", "save"};
  static constexpr FlagSpec kFlags[] = {
      {.name = "format",
       .value_name = "docker|oci-archive|oci-dir",
       .help = "an archive that is both an OCI layout and docker's own (docker and oci-archive), "
               "or a directory with an OCI layout (default: docker)"},
      kOutputFlag,
      kPlatformFlag,
      kNoProgressFlag,
  };
  return {.names = kNames,
          .summary = "Write images into an archive",
          .synopsis = "[OPTIONS] IMAGE [IMAGE...]",
          .description =
              "The same images give the same bytes. `nacre image load`, docker, podman "
              "and skopeo read them.\n\n"
              "    nacre image save debian:12 | zstd > debian.tar.zst",
          .flags = kFlags,
          .min_positionals = 1,
          .operands = Operands::kImages,
          .run = save};
}

}  // namespace nacre::cli
