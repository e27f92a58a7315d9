// What Cgroup does with the processes in it; its settings and directories are in cgroup.cc.
#include <algorithm>

#include "base/text.h"
#include "cgroups/cgroup.h"
#include "cgroups/directories.h"
#include "cgroups/freezer.h"
#include "cgroups/kill.h"

namespace nacre::cgroups {
namespace {

std::string context(std::string_view verb, const Place& place) {
  return text::join(verb, " cgroup ", place.shown());
}

Result<std::vector<int>> listed(FdRef dir, const Place& place) {
  return NACRE_TRY_CTX(list_processes(dir), context("list the processes of", place));
}

}  // namespace

Result<std::vector<int>> Cgroup::processes() const {
  auto pids = NACRE_TRY(listed(dir_, place_));
  std::erase(pids, 0);
  std::ranges::sort(pids);
  return pids;
}

Result<void> Cgroup::require_empty() const {
  if (created_) return {};
  const Events events = NACRE_TRY_CTX(this->events(), context("check", place_));
  if (events.populated) {
    const std::size_t count = NACRE_TRY(listed(dir_, place_)).size();
    // None: the last one went between the two looks.
    if (count != 0) {
      return fail(failed_precondition(
          text::join("container's cgroup is not empty: ", count, " process(es) found")));
    }
  }
  if (events.frozen) {
    return fail(failed_precondition("container's cgroup unexpectedly frozen"));
  }
  return {};
}

Result<void> Cgroup::freeze(int bound_ms) const {
  NACRE_TRY_CTX(cgroups::freeze(dir_, bound_ms), context("freeze", place_));
  return {};
}

Result<void> Cgroup::thaw(int bound_ms) const {
  NACRE_TRY_CTX(cgroups::thaw(dir_, bound_ms), context("thaw", place_));
  return {};
}

Result<bool> Cgroup::frozen() const {
  return NACRE_TRY_CTX(is_frozen(dir_), context("look at", place_));
}

Result<void> Cgroup::kill() const {
  NACRE_TRY_CTX(kill_all(dir_), context("kill the processes of", place_));
  return {};
}

Result<void> Cgroup::remove(int bound_ms) const {
  return remove_directories(place_, dir_, bound_ms);
}

}  // namespace nacre::cgroups
