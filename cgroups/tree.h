// Walking the cgroups below a cgroup. A container with a delegated cgroup decides how deep and how
// broad that tree is: the walk holds one descriptor whatever the depth, and no path is ever built.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/try.h"
#include "sys/io.h"

namespace nacre::cgroups {

// Calls `visit(FdRef parent, const std::string& name) -> sys::Outcome<void>` for every cgroup below
// `top` (not for `top`), children before their parent. One that vanishes meanwhile is passed over.
// The first error of `visit` ends the walk.
template <class Visit>
[[nodiscard]] sys::Outcome<void> for_each_below(FdRef top, Visit visit) {
  struct Level {
    std::string name;
    std::vector<std::string> children;
  };
  std::vector<Level> levels;
  levels.push_back({"", NACRE_TRY(sys::list_subdirectories(top))});
  if (levels.back().children.empty()) return {};
  sys::DirFd at = NACRE_TRY(sys::openat<sys::DirFd>(top, ".", O_PATH | O_DIRECTORY));
  for (;;) {
    if (!levels.back().children.empty()) {
      std::string name = std::move(levels.back().children.back());
      levels.back().children.pop_back();
      auto child = sys::openat<sys::DirFd>(at, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW);
      if (!child && child.error().value == ENOENT) continue;
      if (!child) return std::unexpected(child.error());
      auto children = sys::list_subdirectories(*child);
      if (!children && children.error().value == ENOENT) continue;
      if (!children) return std::unexpected(children.error());
      levels.push_back({std::move(name), *std::move(children)});
      at = *std::move(child);
      continue;
    }
    if (levels.size() == 1) return {};
    const std::string name = std::move(levels.back().name);
    levels.pop_back();
    // cgroups cannot be moved (v2 has no rename), so ".." is where we came from.
    at = NACRE_TRY(sys::openat<sys::DirFd>(at, "..", O_PATH | O_DIRECTORY));
    NACRE_TRY(visit(at, name));
  }
}

}  // namespace nacre::cgroups
