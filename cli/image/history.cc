#include "base/text.h"
#include "cli/image/commands.h"
#include "cli/image/flags.h"
#include "cli/image/session.h"
#include "cli/image/views.h"
#include "cli/render/terminal.h"
#include "images/store/clock.h"

namespace nacre::cli {
namespace {

constexpr std::string_view kColumns =
    "table {{.ID}}\\t{{.CreatedSince}}\\t{{.CreatedBy}}\\t{{.Size}}\\t{{.Comment}}";

Result<int> history(const GlobalOptions& global, const Arguments& arguments) {
  const auto platform = NACRE_TRY(platform_of(arguments));
  Session session = NACRE_TRY(Session::open(global, Needs::kStore));
  const auto rows = NACRE_TRY(session.images().history(arguments.positionals().front(), platform));
  const bool whole = arguments.has("no-trunc");
  const bool human = !arguments.is_false("human");
  const Listing listing = history_view(rows, {whole, images::seconds_now()}, human);
  std::string_view format = arguments.value("format");
  if (format.empty() && arguments.has("quiet")) format = "{{.ID}}";
  // Whole lines are asked for, so the terminal may break them.
  const std::size_t width = whole ? 0 : output_width();
  return print_and_succeed(render_listing(listing, format, kColumns, width));
}

}  // namespace

CommandSpec history_command() {
  static constexpr std::string_view kNames[] = {"image history", "history"};
  static constexpr FlagSpec kFlags[] = {
      {.name = "format",
       .value_name = "FORMAT",
       .help = "table, json, a template for each line, or 'table TEMPLATE'"},
      {.name = "human", .short_name = 'H', .help = "sizes and times to be read by people"},
      {.name = "no-trunc", .help = "whole IDs and commands"},
      kPlatformFlag,
      {.name = "quiet", .short_name = 'q', .help = "only IDs"},
  };
  return {.names = kNames,
          .summary = "Show how an image was made",
          .synopsis = "[OPTIONS] IMAGE",
          .description =
              "The newest step first. The fields of a template are .ID .CreatedSince "
              ".CreatedAt .CreatedBy .Size .Comment. --human=false gives bytes and "
              "dates.",
          .flags = kFlags,
          .min_positionals = 1,
          .max_positionals = 1,
          .operands = Operands::kImages,
          .run = history};
}

}  // namespace nacre::cli
