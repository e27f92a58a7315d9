// The caller's own terminal while a container's terminal is shown on it.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "oci-spec/runtime/spec.h"
#include "sys/tty.h"

namespace nacre::setup {

// Passes keys through unchanged until it is destroyed; then the terminal is as it was. Nothing
// happens to a descriptor that is no terminal.
class RawTerminal {
 public:
  explicit RawTerminal(FdRef terminal);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  FdRef terminal_;
  std::optional<termios> before_;
};

// Nothing when there is no terminal at that descriptor.
[[nodiscard]] std::optional<oci::ConsoleSize> size_of_terminal(FdRef terminal);

// The master takes the size of the caller's terminal, if there is one.
void copy_window_size(FdRef from, FdRef master);

}  // namespace nacre::setup
