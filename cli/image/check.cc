#include "base/text.h"
#include "cli/image/commands.h"
#include "cli/image/session.h"
#include "cli/render/table.h"
#include "cli/render/terminal.h"
#include "cli/render/value.h"

namespace nacre::cli {
namespace {

Value damage_view(const images::Damage& damage);

Result<std::string> rendered(const std::vector<images::Damage>& found, std::string_view format) {
  if (format == "json") {
    Value::List list;
    for (const images::Damage& damage : found) list.push_back(damage_view(damage));
    return Value(std::move(list)).to_json("    ") + "\n";
  }
  if (found.empty()) return std::string("No damage found.\n");
  Table table;
  table.headers({"WHAT", "PROBLEM", "REPAIRED"});
  for (const images::Damage& damage : found)
    table.row({damage.what, damage.problem, damage.repaired ? "yes" : "no"});
  return table.render(0);
}

Value damage_view(const images::Damage& damage) {
  return Value::record(
      {{"What", damage.what}, {"Problem", damage.problem}, {"Repaired", damage.repaired}});
}

Result<int> check(const GlobalOptions& global, const Arguments& arguments) {
  Session session = NACRE_TRY(Session::open(global, Needs::kSnapshots));
  const auto found = NACRE_TRY(
      session.images().check({.deep = arguments.has("deep"), .repair = arguments.has("repair")}));
  const std::string text = NACRE_TRY(rendered(found, arguments.value("format")));
  NACRE_TRY(print(text));
  bool whole = true;
  for (const images::Damage& damage : found) whole = whole && damage.repaired;
  if (!whole && !arguments.has("repair"))
    say("nacre: there is damage\nhint: `nacre image check --repair` mends what it can\n");
  return whole ? 0 : 1;
}

}  // namespace

CommandSpec check_command() {
  static constexpr std::string_view kNames[] = {"image check"};
  static constexpr FlagSpec kFlags[] = {
      {.name = "deep",
       .help = "hash every blob and compare every file of every layer; takes its time"},
      {.name = "format", .value_name = "table|json", .help = "how it is told (default: table)"},
      {.name = "repair",
       .help = "unpack layers again where their blob is good; drop what is damaged, so that the "
               "next pull brings it"},
  };
  return {.names = kNames,
          .summary = "Look whether everything is there, whole and unchanged",
          .synopsis = "[OPTIONS]",
          .description = "Ends with status 1 when there is damage that was not repaired.",
          .flags = kFlags,
          .max_positionals = 0,
          .run = check};
}

}  // namespace nacre::cli
