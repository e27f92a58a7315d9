// From a validated spec to a Plan. Pure: no system calls, the same input gives the same plan.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"
#include "runtime/plan/host_facts.h"
#include "runtime/plan/plan.h"

namespace nacre::plan {

struct LaunchOptions {
  std::string id;
  std::string bundle;            // absolute
  std::string notify_directory;  // host directory with the notify socket, mounted at /run/notify;
                                 // empty: none
  bool wait_for_start = true;    // create; false: run
  bool no_pivot = false;
  bool no_new_keyring = false;
  // The runtime itself shows the container's terminal: then the pty must not add carriage returns,
  // which the caller's own terminal adds; whoever takes it over through a console socket expects
  // the kernel's settings.
  bool foreground_terminal = false;
  std::optional<oci::ConsoleSize> terminal_size;  // where the spec gives none
  int preserve_fds = 0;                           // from 3 on, LISTEN_FDS included
  int listen_fds = 0;  // how many of them are sockets passed by systemd's protocol
};

struct SeccompProgram {
  std::string filter;  // bytes of sock_filter; empty: no filter
  std::uint32_t flags = 0;
  bool needs_listener = false;
};

[[nodiscard]] Result<Plan> make_plan(const oci::Spec& spec, const HostFacts& host,
                                     const LaunchOptions& options, const SeccompProgram& seccomp);

// What is already there when a process is added to a running container.
struct ContainerFacts {
  std::uint64_t namespaces = 0;  // CLONE_NEW* that differ from the runtime's own
  bool own_user_namespace = false;
  bool setgroups_denied = false;  // /proc/<pid>/setgroups of the container
  std::string personality;        // linux.personality.domain; empty: none
  std::string root_path;          // /proc/<pid>/root of its first process
};
[[nodiscard]] Result<Plan> make_exec_plan(const oci::Process& process, const ContainerFacts& facts,
                                          const HostFacts& host, const LaunchOptions& options,
                                          const SeccompProgram& seccomp);

}  // namespace nacre::plan
