#include <signal.h>

#include <algorithm>

#include "base/text.h"
#include "runtime/commands/commands.h"
#include "runtime/commands/containers.h"
#include "runtime/hooks/signals.h"
#include "runtime/state/container_cgroup.h"
#include "runtime/state/status.h"
#include "sys/process.h"

namespace nacre::commands {
namespace {

Result<int> signal_argument(const std::vector<std::string>& positionals) {
  if (positionals.size() < 2 || positionals[1].empty()) return SIGTERM;
  const auto signal = hooks::parse_signal(positionals[1]);
  if (!signal) {
    return fail(invalid_argument(text::join("unknown signal ", text::quote(positionals[1]))));
  }
  return *signal;
}

Result<void> signal_init(const state::Record& record, int signal) {
  const sys::PidFd init = NACRE_TRY(state::open_init(record));
  const auto sent = sys::pidfd_send_signal(init, signal);
  if (!sent && sent.error().value == ESRCH)
    return fail(failed_precondition("container not running"));
  if (!sent) return fail(Error::from_errno(sent.error(), "unable to signal init"));
  return {};
}

// A number may have passed to another process since the list was read: only those still in the list
// once their pidfd is open are ours.
Result<void> signal_members(const cgroups::Cgroup& cgroup, int signal) {
  for (const int pid : NACRE_TRY(cgroup.processes())) {
    const auto process = sys::pidfd_open(pid);
    if (!process) continue;
    const auto now = NACRE_TRY(cgroup.processes());
    if (std::ranges::find(now, pid) == now.end()) continue;
    const auto sent = sys::pidfd_send_signal(*process, signal);
    if (!sent && sent.error().value != ESRCH) {
      return fail(Error::from_errno(sent.error(), text::join("signal process ", pid)));
    }
  }
  return {};
}

// Every process of the container. Without a cgroup only init is known.
Result<void> signal_all(const state::Record& record, int signal) {
  const auto own = NACRE_TRY(state::open_cgroup(record));
  if (!own) return signal_init(record, signal);
  return signal == SIGKILL ? own->cgroup.kill() : signal_members(own->cgroup, signal);
}

}  // namespace

Result<int> run_kill(const GlobalOptions& options, const Arguments& arguments) {
  const auto& positionals = arguments.positionals();
  const Container container = NACRE_TRY(load_container(options, positionals[0]));
  const int signal = NACRE_TRY(signal_argument(positionals));
  const bool all = arguments.has("all");
  // The end of init takes the others along only where init is pid 1 of a namespace of its own
  // (pid_namespaces(7)).
  const bool leaves_others = signal == SIGKILL && !container.record.private_pid_namespace;
  const auto sent = all || leaves_others ? signal_all(container.record, signal)
                                         : signal_init(container.record, signal);
  // containerd asks for --all after init has ended, to sweep up; nothing left is what it wants.
  const bool nothing_left = !sent && sent.error().code() == ErrorCode::kFailedPrecondition;
  if (!sent && !(all && nothing_left)) return fail(sent.error());
  return 0;
}

}  // namespace nacre::commands
