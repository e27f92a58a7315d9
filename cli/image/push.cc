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

Error explained(const Error& error, const images::Reference& reference) {
  if (error.code() == ErrorCode::kPermissionDenied)
    return with_hint(error,
                     "`docker login` or `skopeo login` stores credentials where nacre "
                     "reads them");
  if (error.code() == ErrorCode::kNotFound)
    return with_hint(error, text::join("`nacre image tag IMAGE ", reference.familiar(),
                                       "` gives an image that name"));
  return error;
}

Result<void> push_one(images::ImageService& images, const std::string& name,
                      const Arguments& arguments, const std::stop_token& stop) {
  const images::Reference reference = NACRE_TRY(images::Reference::parse(name));
  const auto platform = NACRE_TRY(platform_of(arguments));
  const bool quiet = arguments.has("quiet");
  Result<images::registry::Pushed> pushed = fail(internal_error("not pushed"));
  {
    Painter painter(kStandardError, choose_show(kStandardError, quiet));
    if (!quiet) painter.note(text::join("Pushing ", reference.familiar()));
    BlobListener listener(painter, "uploading");
    pushed = images.push(name, {.platform = platform}, &listener, stop);
  }
  if (!pushed) return fail(explained(pushed.error(), reference));
  if (quiet) return print(text::join(reference.text(), '\n'));
  return print(text::join(reference.object(), ": digest: ", pushed->target.digest.text(),
                          " size: ", pushed->target.size, '\n'));
}

Result<int> push_all(const GlobalOptions& global, const Arguments& arguments,
                     const std::stop_token& stop) {
  Session session = NACRE_TRY(Session::open(global, Needs::kRegistry));
  std::vector<std::string> names = arguments.positionals();
  if (arguments.has("all-tags")) names = NACRE_TRY(session.images().local_names(names.front()));
  for (const std::string& name : names)
    NACRE_TRY(push_one(session.images(), name, arguments, stop));
  return 0;
}

Result<int> push(const GlobalOptions& global, const Arguments& arguments) {
  const auto interrupts = NACRE_TRY(Interrupts::watch());
  return interrupts->status_of(push_all(global, arguments, interrupts->token()),
                               "blobs that are whole stay at the registry");
}

}  // namespace

CommandSpec push_command() {
  static constexpr std::string_view kNames[] = {"image push", "push"};
  static constexpr FlagSpec kFlags[] = {
      {.name = "all-tags", .short_name = 'a', .help = "every tag of the repository that is here"},
      kPlatformFlag,
      kQuietPull,
  };
  return {.names = kNames,
          .summary = "Upload an image to a registry",
          .synopsis = "[OPTIONS] NAME[:TAG]",
          .description = "What the registry has in another repository is taken from there.",
          .flags = kFlags,
          .min_positionals = 1,
          .max_positionals = 1,
          .operands = Operands::kImages,
          .run = push};
}

}  // namespace nacre::cli
