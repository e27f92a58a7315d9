// nacre-runtime: runs OCI containers. Parse, open the log, run the command, report once.
#include <vector>

#include "base/text.h"
#include "runtime/commandline/help.h"
#include "runtime/commandline/options.h"
#include "runtime/commandline/parse.h"
#include "runtime/commands/commands.h"
#include "runtime/commands/output.h"
#include "runtime/commands/version.h"
#include "sys/file.h"

namespace nacre {
namespace {

// Descriptors 0 to 2 must be taken: else the first files we open would become somebody's standard
// input or output.
void fill_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (sys::get_status_flags(FdRef(fd))) continue;
    auto null = sys::openat(sys::kCwd, "/dev/null", O_RDWR);
    if (null && null->get() == fd) static_cast<void>(null->release());
  }
}

Result<int> print_and_succeed(std::string_view text) {
  NACRE_TRY(commands::print(text));
  return 0;
}

Result<int> carry_out(const commandline::Invocation& invocation,
                      const commandline::GlobalOptions& options) {
  switch (invocation.request) {
    case commandline::Request::kProgramHelp:
      return print_and_succeed(
          commandline::program_help(options.program_name, commands::version(), commands::table()));
    case commandline::Request::kCommandHelp:
      return print_and_succeed(
          commandline::command_help(options.program_name, *invocation.command));
    case commandline::Request::kRun:
      break;
  }
  return invocation.command->run(options, invocation.arguments);
}

int report(const log::Logger& logger, const Error& error, int status) {
  logger.error(error);
  return status;
}

// exec has a status of its own for failures, also for those before it was parsed.
int failure_status_of(const commandline::SplitLine& line) {
  for (const commandline::CommandSpec& command : commands::table()) {
    if (!line.rest.empty() && line.rest.front() == command.name) return command.failure_status;
  }
  return 1;
}

int run_program(const char* argv0, std::span<const std::string_view> words) {
  const auto environment = commandline::read_environment(argv0);
  const auto line = commandline::split_global(words);
  if (!line) return report(log::Logger(), line.error(), 1);
  const int failure_status = failure_status_of(*line);

  auto options = commandline::make_options(line->global, environment);
  if (!options) return report(log::Logger(), options.error(), failure_status);
  auto logger = log::Logger::open(options->log_path, options->log_format, options->log_level);
  if (!logger) return report(log::Logger(), logger.error(), failure_status);
  options->logger = &*logger;

  if (line->version) {
    const auto printed = print_and_succeed(commands::version_text(options->program_name));
    return printed ? *printed : report(*logger, printed.error(), failure_status);
  }
  const auto invocation =
      commandline::choose_command(*line, commands::table(), options->program_name);
  if (!invocation) return report(*logger, invocation.error(), failure_status);
  const auto status = carry_out(*invocation, *options);
  if (!status) return report(*logger, status.error(), failure_status);
  return *status;
}

}  // namespace
}  // namespace nacre

int main(int argc, char** argv) {
  nacre::fill_standard_descriptors();
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return nacre::run_program(argc > 0 ? argv[0] : nullptr, words);
}
