#include "cli/image/commands.h"
#include "cli/image/session.h"

namespace nacre::cli {
namespace {

Result<int> tag(const GlobalOptions& global, const Arguments& arguments) {
  Session session = NACRE_TRY(Session::open(global, Needs::kStore));
  NACRE_TRY(session.images().tag(arguments.positionals()[0], arguments.positionals()[1]));
  return 0;
}

}  // namespace

CommandSpec tag_command() {
  static constexpr std::string_view kNames[] = {"image tag", "tag"};
  return {.names = kNames,
          .summary = "Give an image another name",
          .synopsis = "IMAGE NAME[:TAG]",
          .description =
              "A name that stood for another image is moved; that one stays, under its "
              "other names or without one.",
          .min_positionals = 2,
          .max_positionals = 2,
          .operands = Operands::kImagesThenFree,
          .run = tag};
}

}  // namespace nacre::cli
