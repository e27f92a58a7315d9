#include "base/text.h"
#include "cli/image/commands.h"
#include "cli/image/session.h"
#include "cli/image/views.h"
#include "cli/render/terminal.h"
#include "images/store/clock.h"

namespace nacre::cli {
namespace {

constexpr std::string_view kColumns =
    "table {{.Repository}}\\t{{.Tag}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}";
constexpr std::string_view kWithDigests =
    "table {{.Repository}}\\t{{.Tag}}\\t{{.Digest}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}";

void warn_of_problems(const std::vector<images::ImageSummary>& images) {
  for (const images::ImageSummary& image : images) {
    if (image.problem.empty()) continue;
    const std::string name =
        image.names.empty() ? image.target.digest.text() : image.names.front().name;
    say(text::join("nacre: warning: image ", name, " cannot be read: ", image.problem, '\n'));
  }
}

Result<int> ls(const GlobalOptions& global, const Arguments& arguments) {
  Session session = NACRE_TRY(Session::open(global, Needs::kStore));
  const auto images = NACRE_TRY(session.images().list());
  const std::int64_t now = images::seconds_now();
  Filters filters =
      NACRE_TRY(parse_filters(arguments.values("filter"),
                              "dangling reference label label! before since until", images, now));
  for (const std::string& name : arguments.positionals()) filters.references.push_back(name);
  const bool quiet = arguments.has("quiet");
  const Listing listing = list_view(images, filters, {arguments.has("no-trunc"), now});
  const std::string_view format = arguments.value("format");
  if (quiet && format.empty()) {
    // IDs alone are for other programs: each once.
    std::string out, before;
    for (const Value& row : listing.rows) {
      const std::string id = row.find("ID")->to_text();
      if (id != before) text::append(out, id, '\n');
      before = id;
    }
    NACRE_TRY(print(out));
    return 0;
  }
  const std::string_view columns = arguments.has("digests") ? kWithDigests : kColumns;
  const std::string text = NACRE_TRY(render_listing(listing, format, columns, output_width()));
  NACRE_TRY(print(text));
  warn_of_problems(images);
  return 0;
}

}  // namespace

CommandSpec ls_command() {
  static constexpr std::string_view kNames[] = {"image ls", "image list", "images"};
  static constexpr FlagSpec kFlags[] = {
      {.name = "all", .short_name = 'a', .help = "accepted for docker's sake: all are shown"},
      {.name = "digests", .help = "with a column for digests"},
      {.name = "filter",
       .short_name = 'f',
       .repeatable = true,
       .value_name = "NAME=VALUE",
       .help = "only those with dangling=true|false, reference=PATTERN, label=KEY[=VALUE], "
               "before=IMAGE, since=IMAGE, until=TIME"},
      {.name = "format",
       .value_name = "FORMAT",
       .help = "table, json, a template for each line, or 'table TEMPLATE'"},
      {.name = "no-trunc", .help = "whole IDs"},
      {.name = "quiet", .short_name = 'q', .help = "only IDs"},
  };
  return {.names = kNames,
          .summary = "List images",
          .synopsis = "[OPTIONS] [REPOSITORY[:TAG]]",
          .description =
              "The fields of a template are .Repository .Tag .Digest .ID .CreatedSince .CreatedAt "
              ".Size .Platform. Templates are Go's, as far as they are used with docker: fields, "
              "pipes, if, range, with, and the functions json join split lower upper title pad "
              "truncate len index slice print println eq ne lt le gt ge and or not.\n\n"
              "    nacre image ls --format '{{.Repository}}:{{.Tag}}'\n"
              "    nacre image ls --format 'table {{.ID}}\\t{{.Size}}' --filter dangling=true",
          .flags = kFlags,
          .max_positionals = 1,
          .operands = Operands::kImages,
          .run = ls};
}

}  // namespace nacre::cli
