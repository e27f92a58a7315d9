#include "base/text.h"
#include "cli/image/commands.h"
#include "cli/image/interrupts.h"
#include "cli/image/session.h"
#include "cli/render/terminal.h"
#include "images/reference/reference.h"

namespace nacre::cli {
namespace {

std::string familiar(const std::string& name) {
  const auto reference = images::Reference::parse(name);
  return reference ? reference->familiar() : name;
}

Result<void> report(const images::Removed& removed) {
  std::string out;
  for (const std::string& name : removed.untagged)
    text::append(out, "Untagged: ", familiar(name), '\n');
  for (const oci::Digest& id : removed.deleted) text::append(out, "Deleted: ", id.text(), '\n');
  return print(out);
}

Result<int> remove_all(const GlobalOptions& global, const Arguments& arguments,
                       const std::stop_token& stop) {
  Session session = NACRE_TRY(Session::open(global, Needs::kSnapshots));
  const images::RemoveOptions options{.force = arguments.has("force"),
                                      .collect = !arguments.has("no-prune")};
  int status = 0;
  for (const std::string& image : arguments.positionals()) {
    const auto removed = session.images().remove(image, options);
    if (removed) {
      NACRE_TRY(report(*removed));
    } else if (options.force && removed.error().code() == ErrorCode::kNotFound) {
      // As `rm -f`: what is not there needs no removing.
      say(text::join("nacre: ", removed.error().message(), '\n'));
    } else {
      say(text::join("nacre: ", removed.error().message(), '\n'));
      status = 1;
    }
  }
  // The records are gone; what follows only gives the space back.
  if (options.collect) static_cast<void>(NACRE_TRY(session.images().maintain(stop)));
  return status;
}

Result<int> rm(const GlobalOptions& global, const Arguments& arguments) {
  const auto interrupts = NACRE_TRY(Interrupts::watch());
  return interrupts->status_of(remove_all(global, arguments, interrupts->token()),
                               "the rest of the files is deleted the next time");
}

}  // namespace

CommandSpec rm_command() {
  static constexpr std::string_view kNames[] = {"image rm", "image remove", "rmi"};
  static constexpr FlagSpec kFlags[] = {
      {.name = "force",
       .short_name = 'f',
       .help = "also what has names in several repositories or is in use; no error when it is not "
               "there"},
      {.name = "no-prune", .help = "only the names: keep the layers for now"},
  };
  return {.names = kNames,
          .summary = "Remove images",
          .synopsis = "[OPTIONS] IMAGE [IMAGE...]",
          .description =
              "A name is taken away; with its last name the image goes, and whatever nothing else "
              "uses. An image given by its ID goes with all its names. Layers that a snapshot "
              "stands on stay as long as it does.",
          .flags = kFlags,
          .min_positionals = 1,
          .operands = Operands::kImages,
          .run = rm};
}

}  // namespace nacre::cli
