// One cgroup of the v2 hierarchy: making it, its settings, its processes, its end.
//
// Everything happens relative to the cgroup's own directory descriptor, so that an object never
// acts on another cgroup that got the same name later. Only making and removing go through the
// hierarchy's root, whose descriptor is borrowed: the Hierarchy must live longer. Not thread-safe
// for one object; allocates, so nothing of it belongs between clone and exec (dir() may be used
// there).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cgroups/hierarchy.h"
#include "cgroups/place.h"
#include "cgroups/settings.h"
#include "cgroups/stats.h"
#include "sys/fds.h"

namespace nacre::cgroups {

// How long freeze(), thaw() and remove() wait for the kernel. They end as soon as it says so; the
// bound is for a process that cannot be stopped (state D).
inline constexpr int kPatience = 10000;  // milliseconds

class Cgroup {
 public:
  // Makes the cgroup `path` (see path.h) unless it exists, with every parent that is missing, and
  // the controllers that `needs` ask for: an error names the field, the controller and the reason.
  // `wanted`: controllers to have as well where that is possible, for their statistics. On failure
  // what was made is removed again.
  // Parents made here carry the mark "user.nacre.made" (an extended attribute; Linux 5.7), which
  // remove() looks for.
  // Two system calls when the parent exists and nothing is needed; with needs four more, to look
  // whether the controllers are there.
  [[nodiscard]] static Result<Cgroup> create(const Hierarchy& hierarchy, const std::string& path,
                                             const std::vector<Setting>& needs,
                                             const std::vector<std::string>& wanted = {});
  // kNotFound when there is none.
  [[nodiscard]] static Result<Cgroup> open(const Hierarchy& hierarchy, const std::string& path);

  [[nodiscard]] FdRef dir() const { return dir_; }  // O_PATH; fit for CLONE_INTO_CGROUP and bpf(2)
  [[nodiscard]] const std::string& path() const { return place_.path; }
  [[nodiscard]] std::string shown_path() const { return place_.shown(); }
  [[nodiscard]] bool created() const { return created_; }  // false: it was there before create()

  // Writes the settings in their order. A file that is missing although something was asked for
  // leads to another try with its controller enabled (an update may need what create() did not).
  // memory.current is compared with the new limits before the first write.
  [[nodiscard]] Result<void> apply(const std::vector<Setting>& settings) const;

  // For a cgroup that was there before: a container must not start among strangers, and not where
  // it could not run. The texts are runc's.
  [[nodiscard]] Result<void> require_empty() const;

  // Puts a process here, with all its threads. Members of a new container are born here instead
  // (CLONE_INTO_CGROUP).
  [[nodiscard]] Result<void> attach(int pid) const;

  // Host pids of the processes here and in all cgroups below, ascending. Those that the caller's
  // pid namespace does not show are left out.
  [[nodiscard]] Result<std::vector<int>> processes() const;

  // All processes here and below have stopped when it returns. When that takes longer than
  // `bound_ms` they run again and it is an error.
  [[nodiscard]] Result<void> freeze(int bound_ms = kPatience) const;
  // All run again when it returns; an error when an ancestor is frozen.
  [[nodiscard]] Result<void> thaw(int bound_ms = kPatience) const;
  // Whether it stands still, be it because of an ancestor.
  [[nodiscard]] Result<bool> frozen() const;

  // SIGKILL for every process here and below, those included that are being forked, frozen or not.
  // Does not wait until they are gone.
  [[nodiscard]] Result<void> kill() const;

  // Removes the cgroups below, this one, and then upwards the parents that create() once made, as
  // far as they are empty: nothing of ours stays, whichever container was the last, and nothing of
  // anybody else's goes. (runc removes only the leaf.) Waits up to `bound_ms` for processes that
  // are on their way out. A cgroup that is gone already is no error.
  [[nodiscard]] Result<void> remove(int bound_ms = kPatience) const;

  [[nodiscard]] Result<Stats> stats() const { return read_stats(dir_); }
  [[nodiscard]] Result<Events> events() const { return read_events(dir_); }

  // Lets the user make cgroups below and move processes among them: gives them the directory and
  // the files that the kernel lists in /sys/kernel/cgroup/delegate (cgroup-v2.rst, "Delegation").
  // gid -1: unchanged.
  [[nodiscard]] Result<void> delegate(std::uint32_t uid, std::uint32_t gid) const;

 private:
  Cgroup(Place place, sys::DirFd dir, bool created)
      : place_(std::move(place)), dir_(std::move(dir)), created_(created) {}

  Place place_;
  sys::DirFd dir_;
  bool created_;
};

}  // namespace nacre::cgroups
