#include "runtime/commandline/parse.h"

#include <algorithm>

#include "base/text.h"
#include "runtime/commandline/scan.h"

namespace nacre::commandline {
namespace {

constexpr FlagSpec kVersionFlag{.name = "version", .short_name = 'v'};

Result<const CommandSpec*> find_command(std::span<const CommandSpec> table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &CommandSpec::name);
  if (found == table.end()) {
    Error unknown(ErrorCode::kInvalidArgument, text::join("No help topic for '", name, "'"));
    return fail(std::move(unknown));
  }
  return &*found;
}

Result<Invocation> help_for(std::span<const std::string_view> topics,
                            std::span<const CommandSpec> table) {
  if (topics.empty() || topics.front().starts_with('-')) return Invocation{};
  return Invocation{Request::kCommandHelp, NACRE_TRY(find_command(table, topics.front())), {}};
}

Result<void> check_count(const CommandSpec& command, std::size_t count, std::string_view program) {
  const auto given = static_cast<int>(count);
  const auto wrong = [&](std::string_view how, int wanted) {
    return fail(invalid_argument(text::join(program, ": ", text::quote(command.name), " requires ",
                                            how, ' ', wanted, " argument(s)")));
  };
  const bool exact = command.min_positionals == command.max_positionals;
  if (exact && given != command.min_positionals) return wrong("exactly", command.min_positionals);
  if (given < command.min_positionals) return wrong("a minimum of", command.min_positionals);
  if (command.max_positionals >= 0 && given > command.max_positionals) {
    return wrong("a maximum of", command.max_positionals);
  }
  return {};
}

}  // namespace

Result<SplitLine> split_global(std::span<const std::string_view> words) {
  const auto known = global_flags();
  std::vector<FlagSpec> flags(known.begin(), known.end());
  flags.push_back(kVersionFlag);
  Scanned scanned = NACRE_TRY(scan(words, flags, Positionals::kStop));
  SplitLine line;
  line.help = scanned.help;
  line.version = scanned.arguments.has("version");
  line.global = std::move(scanned.arguments);
  line.rest.assign(words.begin() + static_cast<std::ptrdiff_t>(scanned.next), words.end());
  return line;
}

Result<Invocation> choose_command(const SplitLine& line, std::span<const CommandSpec> table,
                                  std::string_view program_name) {
  if (line.help || line.rest.empty()) return Invocation{};
  const std::string_view name = line.rest.front();
  const auto words = std::span(line.rest).subspan(1);
  if (name == "help" || name == "h") return help_for(words, table);

  const CommandSpec* command = NACRE_TRY(find_command(table, name));
  Scanned scanned = NACRE_TRY(
      scan(words, command->flags,
           command->stop_at_first_positional ? Positionals::kTakeTheRest : Positionals::kMixed));
  if (scanned.help) return Invocation{Request::kCommandHelp, command, {}};
  NACRE_TRY(check_count(*command, scanned.arguments.positionals().size(), program_name));
  return Invocation{Request::kRun, command, std::move(scanned.arguments)};
}

Result<std::uint32_t> number_flag(const Arguments& arguments, std::string_view name) {
  if (!arguments.has(name)) return 0;
  const std::string_view given = arguments.value(name);
  const auto number = text::parse_u32(given);
  if (!number) {
    return fail(invalid_argument(
        text::join("invalid value ", text::quote(given), " for flag -", name, ": parse error")));
  }
  return *number;
}

}  // namespace nacre::commandline
