// From a bundle to a container whose first process waits for start, or runs: what create and run
// have in common.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "runtime/commandline/command.h"
#include "runtime/commands/notify.h"
#include "runtime/setup/launch.h"
#include "runtime/state/store.h"

namespace nacre::commands {

struct CreateRequest {
  std::string id;
  std::string bundle;
  std::string config;          // empty: config.json of the bundle
  std::string console_socket;  // paths may be relative to the working directory
  std::string pidfd_socket;
  std::string pid_file;
  bool no_pivot = false;
  bool no_new_keyring = false;
  int preserve_fds = 0;
  bool start_now = false;  // run
  bool detach = true;      // false: run in the foreground, which needs no console socket
};

struct Created {
  state::ContainerDir dir;
  state::Record record;
  setup::Launched init;
  UniqueFd terminal;                  // the pty master, in the foreground with a terminal
  std::optional<NotifyProxy> notify;  // run
};

// Either the container exists completely, or nothing of it is left.
[[nodiscard]] Result<Created> create_container(const commandline::GlobalOptions& options,
                                               const CreateRequest& request);

// After the program was started: poststart hooks. If one fails the container is killed and removed
// (spec 1.3).
[[nodiscard]] Result<void> run_poststart(const commandline::GlobalOptions& options,
                                         const state::ContainerDir& dir,
                                         const state::Record& record);

// What the flags of create and run say.
[[nodiscard]] Result<CreateRequest> read_create_request(const commandline::Arguments& arguments);

}  // namespace nacre::commands
