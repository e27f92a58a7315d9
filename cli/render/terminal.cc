#include "cli/render/terminal.h"

#include <cstdlib>

#include "sys/io.h"
#include "sys/tty.h"

namespace nacre::cli {

bool is_terminal(FdRef fd) { return sys::get_termios(fd).has_value(); }

TerminalSize terminal_size(FdRef fd) {
  const auto size = sys::get_window_size(fd);
  // A terminal that says nothing of its size (a serial line, an empty pty) has the usual one.
  if (!size || size->columns == 0 || size->rows == 0) return {};
  return {size->rows, size->columns};
}

std::size_t output_width() {
  return is_terminal(kStandardOutput) ? terminal_size(kStandardOutput).columns : 0;
}

bool may_colour(FdRef fd) {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  const char* terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view(terminal) != "dumb" && is_terminal(fd);
}

Result<void> print(std::string_view text) {
  NACRE_TRY_CTX(sys::write_all(kStandardOutput, text), "write to standard output");
  return {};
}

Result<int> print_and_succeed(Result<std::string> text) {
  if (!text) return fail(std::move(text).error());
  NACRE_TRY(print(*text));
  return 0;
}

void say(std::string_view text) { static_cast<void>(sys::write_all(kStandardError, text)); }

}  // namespace nacre::cli
