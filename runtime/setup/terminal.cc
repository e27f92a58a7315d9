#include "runtime/setup/terminal.h"

namespace nacre::setup {

RawTerminal::RawTerminal(FdRef terminal) : terminal_(terminal) {
  const auto settings = sys::get_termios(terminal);
  if (!settings) return;
  before_ = *settings;
  // As cfmakeraw(3).
  termios raw = *settings;
  raw.c_iflag &=
      ~static_cast<unsigned>(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  raw.c_oflag &= ~static_cast<unsigned>(OPOST);
  raw.c_lflag &= ~static_cast<unsigned>(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  raw.c_cflag = (raw.c_cflag & ~static_cast<unsigned>(CSIZE | PARENB)) | CS8;
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  if (!sys::set_termios(terminal, raw)) before_.reset();
}

RawTerminal::~RawTerminal() {
  if (before_) static_cast<void>(sys::set_termios(terminal_, *before_));
}

std::optional<oci::ConsoleSize> size_of_terminal(FdRef terminal) {
  const auto size = sys::get_window_size(terminal);
  if (!size) return std::nullopt;
  return oci::ConsoleSize{.height = size->rows, .width = size->columns};
}

void copy_window_size(FdRef from, FdRef master) {
  const auto size = sys::get_window_size(from);
  if (size) static_cast<void>(sys::set_window_size(master, *size));
}

}  // namespace nacre::setup
