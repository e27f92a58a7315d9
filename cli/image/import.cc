#include <cstdlib>

#include "base/text.h"
#include "cli/image/changes.h"
#include "cli/image/commands.h"
#include "cli/image/flags.h"
#include "cli/image/input.h"
#include "cli/image/interrupts.h"
#include "cli/image/session.h"
#include "cli/render/painter.h"
#include "cli/render/terminal.h"
#include "images/stream/file.h"

namespace nacre::cli {
namespace {

// The convention of reproducible builds: one time for everything that would say "now".
Result<std::int64_t> source_date_epoch() {
  const char* value = std::getenv("SOURCE_DATE_EPOCH");
  if (value == nullptr || *value == '\0') return -1;
  const auto seconds = text::parse_i64(value);
  if (!seconds || *seconds < 0)
    return fail(invalid_argument(
        text::join("SOURCE_DATE_EPOCH ", text::quote(value), ": seconds since 1970 are meant")));
  return *seconds;
}

Result<images::ImportOptions> options_of(const Arguments& arguments) {
  images::ImportOptions out;
  for (const std::string_view change : arguments.values("change"))
    NACRE_TRY(apply_change(change, out.config));
  out.platform = NACRE_TRY(platform_of(arguments));
  out.author = arguments.value("author");
  out.comment = arguments.value("message");
  out.created = NACRE_TRY(source_date_epoch());
  out.clamp_mtime = out.created;
  if (arguments.value("compression") == "zstd") out.compressing.kind = oci::Compression::kZstd;
  if (arguments.value("compression") == "none") out.compressing.kind = oci::Compression::kNone;
  return out;
}

Result<int> import_all(const GlobalOptions& global, const Arguments& arguments,
                       const std::stop_token& stop) {
  const std::string& path = arguments.positionals()[0];
  const std::string name = arguments.positionals().size() > 1 ? arguments.positionals()[1] : "";
  if (path.starts_with("http://") || path.starts_with("https://"))
    return fail(
        invalid_argument("an address cannot be imported, only a file or a directory\n"
                         "hint: curl ADDRESS | nacre image import - NAME"));
  const images::ImportOptions options = NACRE_TRY(options_of(arguments));
  const Input input = NACRE_TRY(open_input(path));
  Session session = NACRE_TRY(Session::open(global, Needs::kStore));
  Result<images::NewImage> made = fail(internal_error("not imported"));
  {
    Painter painter(kStandardError, choose_show(kStandardError, arguments.has("quiet")));
    const auto tell = [&](std::uint64_t bytes) {
      painter.set(input.name,
                  {.activity = "reading", .done = bytes, .total = input.size, .moving = true});
    };
    if (input.is_directory) {
      made = session.images().import(input.directory, name, options, tell, stop);
    } else {
      images::FileSource archive(input.stream(), input.name);
      made = session.images().import(archive, name, options, tell, stop);
    }
  }
  if (!made) return fail(std::move(made.error()).with_context(text::join("import ", input.name)));
  NACRE_TRY(print(text::join(made->config.text(), '\n')));
  return 0;
}

Result<int> import(const GlobalOptions& global, const Arguments& arguments) {
  const auto interrupts = NACRE_TRY(Interrupts::watch());
  return interrupts->status_of(import_all(global, arguments, interrupts->token()),
                               "nothing was imported");
}

}  // namespace

CommandSpec import_command() {
  static constexpr std::string_view kNames[] = {"image import", "import"};
  static constexpr FlagSpec kFlags[] = {
      {.name = "author", .value_name = "NAME", .help = "who made it"},
      {.name = "change",
       .short_name = 'c',
       .repeatable = true,
       .value_name = "INSTRUCTION",
       .help = "of a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, "
               "VOLUME, WORKDIR"},
      {.name = "compression",
       .value_name = "gzip|zstd|none",
       .help = "of the layer, where it is not compressed already (default: gzip)"},
      {.name = "message", .short_name = 'm', .value_name = "TEXT", .help = "for the history"},
      kPlatformFlag,
      kNoProgressFlag,
  };
  return {.names = kNames,
          .summary = "Make an image from a root filesystem",
          .synopsis = "[OPTIONS] DIR|FILE|- [NAME[:TAG]]",
          .description =
              "A directory as it lies there, or an archive of one, compressed or not, becomes an "
              "image of one layer. Its ID is printed. With SOURCE_DATE_EPOCH in the environment "
              "the same tree gives the same image.\n\n"
              "    debootstrap bookworm tree && nacre image import tree debian:12\n"
              "    nacre image import -c 'CMD [\"sh\"]' -c 'ENV A=b' tree.tar.gz mine",
          .flags = kFlags,
          .min_positionals = 1,
          .max_positionals = 2,
          .operands = Operands::kFiles,
          .run = import};
}

}  // namespace nacre::cli
