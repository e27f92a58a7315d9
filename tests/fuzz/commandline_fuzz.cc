// Any words as a command line: no crash, and what was understood obeys its own table.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "runtime/commandline/options.h"
#include "runtime/commandline/parse.h"
#include "runtime/commands/commands.h"

namespace {

using namespace nacre::commandline;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_invocation(const Invocation& invocation) {
  if (invocation.request == Request::kProgramHelp) return;
  require(invocation.command != nullptr);
  if (invocation.request != Request::kRun) return;
  const CommandSpec& command = *invocation.command;
  const auto count = static_cast<int>(invocation.arguments.positionals().size());
  require(count >= command.min_positionals);
  require(command.max_positionals < 0 || count <= command.max_positionals);
  for (const FlagSpec& flag : command.flags) {
    require(invocation.arguments.has(flag.name) || invocation.arguments.value(flag.name).empty());
    require(invocation.arguments.values(flag.name).empty() != invocation.arguments.has(flag.name));
  }
}

void check_options(const Arguments& flags, const Environment& environment) {
  const auto options = make_options(flags, environment);
  if (!options) return;
  require(options->root.starts_with('/') && options->root != "/");
  require(!options->root_given || options->root.find("//") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Words are divided by newlines, so that the corpus is readable.
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto words = nacre::text::split(bytes, '\n');
  const auto line = split_global(words);
  if (!line) return 0;
  check_options(line->global, {.program_name = "nacre-runtime",
                               .working_directory = "/work/dir",
                               .xdg_runtime_dir = "/run/user/1000",
                               .real_root = false});
  const auto invocation = choose_command(*line, nacre::commands::table(), "nacre-runtime");
  if (invocation) check_invocation(*invocation);
  return 0;
}
