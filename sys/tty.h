// Terminals. One ioctl each.
#pragma once

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/tty.h>

#include <cstdint>

#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::sys {

struct WindowSize {
  std::uint16_t rows = 0;
  std::uint16_t columns = 0;
  std::uint16_t x_pixels = 0;
  std::uint16_t y_pixels = 0;
};

// The slave of a master by number of the pair, not by path (TIOCGPTPEER, 4.13): no /dev/pts of
// anybody is consulted.
[[nodiscard]] inline Outcome<UniqueFd> pty_peer(FdRef master, int open_flags) noexcept {
  return call<UniqueFd>(__NR_ioctl, master.get(), TIOCGPTPEER, open_flags);
}
[[nodiscard]] inline Outcome<void> pty_unlock(FdRef master) noexcept {
  const int unlocked = 0;
  return call<void>(__NR_ioctl, master.get(), TIOCSPTLCK, &unlocked);
}
[[nodiscard]] inline Outcome<unsigned> pty_number(FdRef master) noexcept {
  unsigned number = 0;
  const auto done = call<void>(__NR_ioctl, master.get(), TIOCGPTN, &number);
  if (!done) return std::unexpected(done.error());
  return number;
}
[[nodiscard]] inline Outcome<void> set_controlling_tty(FdRef tty) noexcept {
  return call<void>(__NR_ioctl, tty.get(), TIOCSCTTY, 0);
}
[[nodiscard]] inline Outcome<WindowSize> get_window_size(FdRef tty) noexcept {
  WindowSize size;
  const auto done = call<void>(__NR_ioctl, tty.get(), TIOCGWINSZ, &size);
  if (!done) return std::unexpected(done.error());
  return size;
}
[[nodiscard]] inline Outcome<void> set_window_size(FdRef tty, const WindowSize& size) noexcept {
  return call<void>(__NR_ioctl, tty.get(), TIOCSWINSZ, &size);
}
[[nodiscard]] inline Outcome<termios> get_termios(FdRef tty) noexcept {
  termios settings{};
  const auto done = call<void>(__NR_ioctl, tty.get(), TCGETS, &settings);
  if (!done) return std::unexpected(done.error());
  return settings;
}
[[nodiscard]] inline Outcome<void> set_termios(FdRef tty, const termios& settings) noexcept {
  return call<void>(__NR_ioctl, tty.get(), TCSETS, &settings);
}

}  // namespace nacre::sys
