#include "base/text.h"
#include "cli/image/commands.h"
#include "cli/image/flags.h"
#include "cli/image/interrupts.h"
#include "cli/image/listener.h"
#include "cli/image/session.h"
#include "cli/render/terminal.h"
#include "images/reference/reference.h"

namespace nacre::cli {
namespace {

Error explained(const Error& error) {
  if (error.code() == ErrorCode::kPermissionDenied)
    return with_hint(error,
                     "`docker login` or `skopeo login` stores credentials where nacre reads them; "
                     "the name may also be wrong");
  if (error.code() == ErrorCode::kResourceExhausted)
    return with_hint(error, "`nacre image prune` frees what no image uses");
  return error;
}

Result<std::vector<std::string>> names_to_pull(images::ImageService& images,
                                               const Arguments& arguments,
                                               const std::stop_token& stop) {
  const std::string& given = arguments.positionals().front();
  if (!arguments.has("all-tags")) return std::vector<std::string>{given};
  const auto tags = images.remote_tags(given, stop);
  if (!tags) return fail(explained(tags.error()));
  std::vector<std::string> out;
  for (const std::string& tag : *tags) out.push_back(text::join(given, ':', tag));
  return out;
}

Result<void> pull_one(images::ImageService& images, const std::string& name,
                      const Arguments& arguments, const std::stop_token& stop) {
  const images::Reference reference = NACRE_TRY(images::Reference::parse(name));
  const auto platform = NACRE_TRY(platform_of(arguments));
  const bool quiet = arguments.has("quiet");
  Result<images::PulledImage> pulled = fail(internal_error("not pulled"));
  {
    Painter painter(kStandardError, choose_show(kStandardError, quiet));
    if (!quiet) painter.note(text::join("Pulling ", reference.familiar()));
    BlobListener listener(painter, "downloading");
    pulled = images.pull(name, {.platform = platform}, &listener, stop);
  }
  if (!pulled) return fail(explained(pulled.error()));
  if (quiet) return print(text::join(pulled->name, '\n'));
  return print(text::join(
      "Digest: ", pulled->pulled.target.digest.text(), "\nStatus: ",
      pulled->pulled.was_there ? "Image is up to date for " : "Downloaded newer image for ",
      reference.familiar(), '\n', pulled->name, '\n'));
}

Result<int> pull_all(const GlobalOptions& global, const Arguments& arguments,
                     const std::stop_token& stop) {
  Session session = NACRE_TRY(Session::open(global, Needs::kRegistry));
  for (const std::string& name : NACRE_TRY(names_to_pull(session.images(), arguments, stop)))
    NACRE_TRY(pull_one(session.images(), name, arguments, stop));
  return 0;
}

Result<int> pull(const GlobalOptions& global, const Arguments& arguments) {
  const auto interrupts = NACRE_TRY(Interrupts::watch());
  return interrupts->status_of(pull_all(global, arguments, interrupts->token()),
                               "what has arrived is kept, and the next pull goes on with it");
}

}  // namespace

CommandSpec pull_command() {
  static constexpr std::string_view kNames[] = {"image pull", "pull"};
  static constexpr FlagSpec kFlags[] = {
      {.name = "all-tags", .short_name = 'a', .help = "every tag of the repository"},
      kPlatformFlag,
      kQuietPull,
  };
  return {.names = kNames,
          .summary = "Download an image from a registry",
          .synopsis = "[OPTIONS] NAME[:TAG|@DIGEST]",
          .description =
              "Layers are unpacked while they arrive. What was begun by a pull that was stopped or "
              "killed is gone on with. Mirrors, certificates and credentials come from hosts.toml, "
              "registries.conf and docker's config.json; plain HTTP is for loopback only.",
          .flags = kFlags,
          .min_positionals = 1,
          .max_positionals = 1,
          .operands = Operands::kImages,
          .run = pull};
}

}  // namespace nacre::cli
