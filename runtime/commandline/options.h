// The global flags turned into options. Pure, given what the process finds around it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/commandline/command.h"

namespace nacre::commandline {

// What the meaning of the flags depends on.
struct Environment {
  std::string program_name;       // basename of argv[0]
  std::string working_directory;  // absolute
  std::string xdg_runtime_dir;    // empty: unset (Podman passes it empty for root)
  bool real_root = false;         // uid 0 outside of a user namespace of somebody else
};

Environment read_environment(const char* argv0);

// /run/<program>, or $XDG_RUNTIME_DIR/<program> unless real root asks: runc's rule.
std::string default_root(const Environment& environment);

// `path` made absolute and cleaned of ".", ".." and doubled slashes, without looking at any file.
std::string absolute_path(std::string_view path, std::string_view working_directory);

Result<GlobalOptions> make_options(const Arguments& flags, const Environment& environment);

}  // namespace nacre::commandline
