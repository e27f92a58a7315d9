// Where in the hierarchy a container's cgroup is. Pure, except own_cgroup().
//
// A path here starts with '/', counted from the root of the hierarchy's mount, as in
// /proc/PID/cgroup.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace nacre::cgroups {

// The place that linux.cgroupsPath names under the cgroupfs driver (runtime-spec config-linux.md,
// "Cgroups Path"; the choice of the parent is runc's, fs2/defaultpath.go):
//   absolute  below the root of the hierarchy
//   relative  below the parent of the runtime's own cgroup: that one holds the runtime itself, and
//   a
//             cgroup with processes cannot hand controllers to its children
//   empty     the id, as a relative path
// Where runc would tidy up ("..", ".", empty components) this is an error: a tidied path is not the
// one that was asked for. The systemd driver's form "slice:prefix:name" is refused by name.
// `own_cgroup`: see own_cgroup() below.
[[nodiscard]] Result<std::string> container_path(std::string_view cgroups_path, std::string_view id,
                                                 std::string_view own_cgroup);

// Whether a path can name a cgroup below the root: for paths that come from elsewhere (state
// files).
[[nodiscard]] Result<void> check_path(std::string_view path);

// The cgroup of the calling process: the line "0::<path>" of /proc/self/cgroup.
[[nodiscard]] Result<std::string> own_cgroup();
[[nodiscard]] Result<std::string> parse_own_cgroup(std::string_view proc_self_cgroup);

}  // namespace nacre::cgroups
