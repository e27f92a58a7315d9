#include "base/text.h"
#include "cli/image/commands.h"
#include "cli/image/filters.h"
#include "cli/image/interrupts.h"
#include "cli/image/session.h"
#include "cli/render/terminal.h"
#include "cli/render/units.h"
#include "images/store/clock.h"
#include "sys/io.h"

namespace nacre::cli {
namespace {

// Anything but a yes is a no, the end of the input too.
Result<bool> confirmed(bool all) {
  NACRE_TRY(print(text::join("WARNING! This will remove all ",
                             all ? "images that no container uses" : "images without a name",
                             ".\nAre you sure you want to continue? [y/N] ")));
  char letter[1];
  std::string answer;
  for (;;) {
    const auto got = sys::read(kStandardInput, letter, sizeof letter);
    if (!got || *got == 0 || letter[0] == '\n') break;
    answer += letter[0];
  }
  return answer == "y" || answer == "Y" || answer == "yes";
}

Result<void> report(const images::Removed& removed, std::uint64_t bytes) {
  std::string out;
  if (!removed.deleted.empty()) out += "Deleted Images:\n";
  for (const std::string& name : removed.untagged) text::append(out, "untagged: ", name, '\n');
  for (const oci::Digest& id : removed.deleted) text::append(out, "deleted: ", id.text(), '\n');
  if (!removed.deleted.empty()) out += '\n';
  text::append(out, "Total reclaimed space: ", human_size(bytes), '\n');
  return print(out);
}

Result<int> prune_all(const GlobalOptions& global, const Arguments& arguments,
                      const std::stop_token& stop) {
  Session session = NACRE_TRY(Session::open(global, Needs::kSnapshots));
  images::PruneOptions options{.all = arguments.has("all")};
  const Filters filters = NACRE_TRY(parse_filters(
      arguments.values("filter"), "label label! until dangling", {}, images::seconds_now()));
  // Docker's older way of asking for all of them.
  if (filters.dangling && !*filters.dangling) options.all = true;
  Filters others = filters;
  others.dangling.reset();
  options.may_go = [&](const images::ImageSummary& image) { return matches(others, image); };
  const auto removed = NACRE_TRY(session.images().prune(options));
  NACRE_TRY(report(removed, removed.collected.bytes));
  static_cast<void>(NACRE_TRY(session.images().maintain(stop)));
  return 0;
}

Result<int> prune(const GlobalOptions& global, const Arguments& arguments) {
  if (!arguments.has("force") && !NACRE_TRY(confirmed(arguments.has("all")))) return 0;
  const auto interrupts = NACRE_TRY(Interrupts::watch());
  return interrupts->status_of(prune_all(global, arguments, interrupts->token()),
                               "the rest of the files is deleted the next time");
}

}  // namespace

CommandSpec prune_command() {
  static constexpr std::string_view kNames[] = {"image prune"};
  static constexpr FlagSpec kFlags[] = {
      {.name = "all", .short_name = 'a', .help = "all that nothing stands on, named or not"},
      {.name = "filter",
       .repeatable = true,
       .value_name = "NAME=VALUE",
       .help = "only those with label=KEY[=VALUE], label!=KEY[=VALUE], until=TIME"},
      {.name = "force", .short_name = 'f', .help = "without asking"},
  };
  return {.names = kNames,
          .summary = "Remove images that nothing uses",
          .synopsis = "[OPTIONS]",
          .description =
              "Those without a name, unless --all is given. Whatever was removed "
              "before and lies about is deleted too.",
          .flags = kFlags,
          .max_positionals = 0,
          .run = prune};
}

}  // namespace nacre::cli
