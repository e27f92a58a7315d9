// Which controllers a cgroup has, and how it gets those that a container's settings need.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cgroups/place.h"
#include "cgroups/settings.h"

namespace nacre::cgroups {

// Makes the controllers of the settings (IfMissing::kError ones) available in the cgroup `leaf` at
// `place`. One file is read when they are all there already; else every ancestor from the root down
// gets what it lacks in cgroup.subtree_control, and nothing more: a controller that nobody asked
// for costs memory and time in every cgroup below. The controllers in `wanted` are enabled along
// with them where that is possible.
[[nodiscard]] Result<void> provide_controllers(const Place& place, FdRef leaf,
                                               const std::vector<Setting>& needs,
                                               const std::vector<std::string>& wanted);

// "cannot set linux.resources.memory.limit: the memory controller is not available in cgroup v2 at
// /sys/fs/cgroup/unified (it is bound to cgroup v1)"
Error missing_controller(const Place& place, const Setting& setting);

// Why v2 lacks a controller, by the text of /proc/cgroups (v1's names: "blkio" is v2's "io").
std::string_view why_missing(std::string_view proc_cgroups, std::string_view controller);

// Whether a list with blanks between ("cpu io memory") has the word.
bool has_word(std::string_view list, std::string_view word);

}  // namespace nacre::cgroups
