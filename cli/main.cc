// nacre: what people type. Parse, carry out, report once.
#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "base/text.h"
#include "cli/commandline/help.h"
#include "cli/commandline/parse.h"
#include "cli/environment.h"
#include "cli/render/terminal.h"
#include "cli/table.h"
#include "cli/version.h"

namespace nacre::cli {
namespace {

// Descriptors 0 to 2 must be taken: else the first files we open would become somebody's standard
// input or output.
void fill_standard_descriptors() {
  int fd = 0;
  do {
    fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  } while (fd >= 0 && fd <= 2);
  if (fd > 2) ::close(fd);
}

void report(const Error& error) {
  const std::string_view red = may_colour(kStandardError) ? "\x1b[31m" : "";
  const std::string_view plain = red.empty() ? "" : "\x1b[0m";
  say(text::join(red, "nacre:", plain, ' ', error.message(), '\n'));
}

int report_bad_line(const BadLine& bad) {
  say(text::join("nacre: ", bad.message, "\n\n", usage_hint(bad)));
  return bad.status;
}

Result<int> carry_out(const Invocation& invocation) {
  switch (invocation.request) {
    case Request::kHelp:
      NACRE_TRY(print(help_page(invocation, command_table())));
      return 0;
    case Request::kVersion:
      NACRE_TRY(print(version_line() + "\n"));
      return 0;
    case Request::kRun:
      break;
  }
  const GlobalOptions options =
      NACRE_TRY(make_options(invocation.arguments, Environment::current()));
  if (options.debug) say(text::join("nacre: debug: data root ", options.data_root, '\n'));
  return invocation.command->run(options, invocation.arguments);
}

int run(std::span<const std::string_view> words) {
  const auto invocation = parse_line(words, command_table());
  if (!invocation) return report_bad_line(invocation.error());
  const auto status = carry_out(*invocation);
  if (status) return *status;
  report(status.error());
  return 1;
}

}  // namespace
}  // namespace nacre::cli

int main(int argc, char** argv) {
  nacre::cli::fill_standard_descriptors();
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return nacre::cli::run(words);
}
