// The data root, from flags and environment. Pure but for current().
#pragma once

#include <string>

#include "base/result.h"
#include "cli/commandline/command.h"

namespace nacre::cli {

struct Environment {
  std::string data_root, home, xdg_data_home;  // $NACRE_DATA_ROOT, $HOME, $XDG_DATA_HOME
  std::string working_directory;               // absolute
  bool root = false;

  [[nodiscard]] static Environment current();
};

[[nodiscard]] Result<GlobalOptions> make_options(const Arguments& arguments,
                                                 const Environment& environment);

}  // namespace nacre::cli
