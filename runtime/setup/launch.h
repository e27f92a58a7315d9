// Starts init with a plan and talks with it until the container is created or runs.
// docs/init-protocol.md has the picture.
#pragma once

#include "base/result.h"
#include "runtime/plan/plan.h"
#include "runtime/setup/opened_plan.h"
#include "sys/fds.h"

namespace nacre::setup {

// What the caller does while init waits. Called at most once each; an error ends the launch.
class LaunchEvents {
 public:
  // The process exists under this number; nothing of the container's has run yet.
  virtual Result<void> on_process(int pid) = 0;
  // At the rendezvous for hooks: namespaces and mounts are made, the root is not changed.
  virtual Result<void> on_hooks(int pid) = 0;

 protected:
  ~LaunchEvents() = default;
};

struct Launched {
  int pid = 0;
  sys::PidFd process;
};

// cgroup_fd: where the process is born; negative: the runtime's own cgroup. On failure nothing of
// it is left running and the error says which operation failed and why.
[[nodiscard]] Result<Launched> launch(const plan::Plan& plan, const OpenedPlan& opened,
                                      int cgroup_fd, LaunchEvents& events);

// SIGKILL to a child that was launched, and waits for its end.
void end_process(const sys::PidFd& process);

}  // namespace nacre::setup
