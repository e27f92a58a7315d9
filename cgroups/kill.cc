#include "cgroups/kill.h"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "cgroups/freezer.h"
#include "cgroups/tree.h"
#include "sys/io.h"
#include "sys/process.h"

namespace nacre::cgroups {
namespace {

constexpr std::size_t kPidsLimit = std::size_t{64} << 20U;  // 4 million processes

bool is_gone(Errno error) { return error.value == ENOENT || error.value == ENODEV; }

sys::Outcome<std::string> read_pids(FdRef parent, const std::string& prefix) {
  auto text = sys::read_file(parent, text::join(prefix, "cgroup.procs").c_str(), kPidsLimit);
  if (text || text.error().value != EOPNOTSUPP) return text;
  // A threaded cgroup shows only threads.
  return sys::read_file(parent, text::join(prefix, "cgroup.threads").c_str(), kPidsLimit);
}

sys::Outcome<void> append_pids(FdRef parent, const std::string& prefix, std::vector<int>& pids) {
  const auto text = read_pids(parent, prefix);
  if (!text && is_gone(text.error())) return {};
  if (!text) return std::unexpected(text.error());
  for (const std::string_view line : text::split(*text, '\n')) {
    if (const auto pid = text::parse_u32(line)) pids.push_back(static_cast<int>(*pid));
  }
  return {};
}

struct Target {
  int pid;
  sys::PidFd handle;
};

std::vector<Target> open_targets(const std::vector<int>& pids) {
  std::vector<Target> targets;
  for (const int pid : pids) {
    auto handle = sys::pidfd_open(pid);
    if (handle) targets.push_back({pid, *std::move(handle)});
  }
  return targets;
}

// One pass over the list; whether somebody was there. A pid that is still listed after its handle
// was opened had not been given to a stranger in between.
sys::Outcome<bool> kill_listed(FdRef cgroup) {
  const auto first = NACRE_TRY(list_processes(cgroup));
  if (first.empty()) return false;
  const std::vector<Target> targets = open_targets(first);
  const auto second = NACRE_TRY(list_processes(cgroup));
  for (const Target& target : targets) {
    if (std::ranges::find(second, target.pid) == second.end()) continue;
    const auto sent = sys::pidfd_send_signal(target.handle, SIGKILL);
    if (!sent && sent.error().value != ESRCH) return std::unexpected(sent.error());
  }
  return true;
}

}  // namespace

sys::Outcome<std::vector<int>> list_processes(FdRef cgroup) {
  std::vector<int> pids;
  NACRE_TRY(append_pids(cgroup, "", pids));
  NACRE_TRY(for_each_below(cgroup, [&](FdRef parent, const std::string& name) {
    return append_pids(parent, text::join(name, '/'), pids);
  }));
  return pids;
}

Result<void> kill_each(FdRef cgroup) {
  // Without standing still a fork can outrun one pass, hardly many.
  constexpr int kPassesUnfrozen = 100;
  const auto still = freeze(cgroup, kShortFreeze);
  const int passes = still ? 1 : kPassesUnfrozen;
  sys::Outcome<bool> found = true;
  for (int pass = 0; pass < passes && found && *found; ++pass) found = kill_listed(cgroup);
  const auto thawed = request_thaw(cgroup);
  if (!found) return fail(Error::from_errno(found.error(), "kill the processes of a cgroup"));
  if (!thawed) return fail(Error::from_errno(thawed.error(), "write 0 to cgroup.freeze"));
  return {};
}

Result<void> kill_all(FdRef cgroup) {
  const auto done = sys::write_control(cgroup, "cgroup.kill", "1");
  if (done) return {};
  if (done.error().value != ENOENT) {
    return fail(Error::from_errno(done.error(), "write 1 to cgroup.kill"));
  }
  return kill_each(cgroup);
}

}  // namespace nacre::cgroups
