// Where cgroup v2 is mounted. No function here changes anything; all may be called from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/fds.h"

namespace nacre::cgroups {

struct Hierarchy {
  std::string mount_point;
  sys::DirFd root;      // O_PATH on mount_point
  bool hybrid = false;  // v1 hierarchies are mounted beside it, so controllers may be bound to them
};

// /sys/fs/cgroup or, in systemd's hybrid layout, /sys/fs/cgroup/unified: told by the filesystem's
// magic number, in at most four system calls. Only when neither is cgroup v2 is
// /proc/self/mountinfo read, for a mount elsewhere that is not hidden by another one. kNotFound
// says what was looked for and what is there.
[[nodiscard]] Result<Hierarchy> find_hierarchy();

// What a mountinfo text (proc_pid_mountinfo(5)) says about cgroups.
struct CgroupMounts {
  std::vector<std::string> v2;  // mount points of type cgroup2, unescaped
  std::string v1;               // mount points of type cgroup, joined with ", "
};
CgroupMounts cgroup_mounts(std::string_view mountinfo);

}  // namespace nacre::cgroups
