// What exec's flags say, and the process that comes of it.
#pragma once

#include <string>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"
#include "runtime/commandline/command.h"
#include "runtime/state/record.h"

namespace nacre::commands {

struct ExecRequest {
  std::string id;
  std::string console_socket;
  std::string pidfd_socket;
  std::string pid_file;
  std::string sub_cgroup;  // below the container's own
  int preserve_fds = 0;
  bool detach = false;
  bool ignore_paused = false;
};
[[nodiscard]] Result<ExecRequest> read_exec_request(const commandline::Arguments& arguments);

// From --process alone, or from the bundle's process changed by the flags and the command's words.
// Validated.
[[nodiscard]] Result<oci::Process> make_process(const commandline::Arguments& arguments,
                                                const state::Record& record);

}  // namespace nacre::commands
