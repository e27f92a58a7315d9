#include "tests/integration/callers/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace nacre::test {
namespace {

UniqueFd open_master() {
  UniqueFd fd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!fd || ::grantpt(fd.get()) != 0 || ::unlockpt(fd.get()) != 0) {
    ADD_FAILURE() << "no terminal: " << std::strerror(errno);
  }
  return fd;
}

std::string slave_name(int master) {
  std::array<char, 64> name{};
  if (::ptsname_r(master, name.data(), name.size()) != 0) ADD_FAILURE() << std::strerror(errno);
  return name.data();
}

}  // namespace

Terminal::Terminal(WindowSize size)
    : master_(open_master()), screen_(UniqueFd(::fcntl(master_.get(), F_DUPFD_CLOEXEC, 3))) {
  device_ = slave_name(master_.get());
  slave_ = UniqueFd(::open(device_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  resize(size);
}

Running Terminal::start(Command command) {
  command.stdin_fd(slave_.get()).stdout_fd(slave_.get()).stderr_fd(slave_.get());
  command.before_exec([] {
    ::setsid();
    ::ioctl(0, TIOCSCTTY, 0);
  });
  Running running = command.start();
  // Ours must go, or the screen never ends.
  slave_.reset();
  return running;
}

// Nothing announces a change of the settings to the master's side, so it is looked at again and
// again, with a pause: on two emulated processors whoever spins takes one from the program that is
// waited for.
void Terminal::wait_until_raw() const {
  const auto deadline = std::chrono::steady_clock::now() + time_limit();
  termios settings{};
  while (::tcgetattr(master_.get(), &settings) == 0 && (settings.c_lflag & ISIG) != 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "the program never made its terminal raw";
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

void Terminal::type(std::string_view keys) {
  wait_until_raw();
  EXPECT_EQ(::write(master_.get(), keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
}

void Terminal::resize(WindowSize size) {
  const winsize kernel_size{
      .ws_row = size.rows, .ws_col = size.columns, .ws_xpixel = 0, .ws_ypixel = 0};
  EXPECT_EQ(::ioctl(master_.get(), TIOCSWINSZ, &kernel_size), 0) << std::strerror(errno);
}

}  // namespace nacre::test
