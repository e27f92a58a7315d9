// A terminal with a user in front of it: a program runs on one side, the test types and looks on
// the other.
#pragma once

#include <string>
#include <string_view>

#include "tests/support/command.h"

namespace nacre::test {

struct WindowSize {
  unsigned short rows;
  unsigned short columns;
};

class Terminal {
 public:
  explicit Terminal(WindowSize size);

  // The command's streams and controlling terminal become this one. One command per terminal.
  Running start(Command command);
  // Types once the program takes the keys as they are: before that, ^C would be meant for itself.
  void type(std::string_view keys);
  // As when a user pulls at the window: the foreground process group is told by SIGWINCH.
  void resize(WindowSize size);
  Reader& screen() { return screen_; }

 private:
  void wait_until_raw() const;
  std::string device_;
  UniqueFd master_;
  UniqueFd slave_;
  Reader screen_;
};

}  // namespace nacre::test
