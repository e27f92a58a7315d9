#include "cgroups/hierarchy.h"

#include <gtest/gtest.h>

namespace nacre::cgroups {
namespace {

TEST(CgroupMounts, FindsBothKinds) {
  const auto mounts = cgroup_mounts(
      "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
      "30 22 0:26 / /sys/fs/cgroup/cpu rw,relatime shared:9 master:3 - cgroup cgroup rw,cpu\n"
      "31 22 0:27 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
      "32 22 0:28 / /mnt/v\\0402\\134x rw,relatime - cgroup2 cgroup2 rw\n"
      "33 22 0:28 / /second rw,relatime - cgroup2 cgroup2 rw\n");
  EXPECT_EQ(mounts.v2, (std::vector<std::string>{"/mnt/v 2\\x", "/second"}));
  EXPECT_EQ(mounts.v1, "/sys/fs/cgroup/cpu, /sys/fs/cgroup/memory");
}

TEST(CgroupMounts, FindsNothingWhereThereIsNothing) {
  for (const char* text : {"", "\n", "garbage", "1 2 3 - cgroup2 x y",
                           "22 1 8:1 / /cgroup2 rw,relatime shared:1 - ext4 cgroup2 rw\n"}) {
    const auto mounts = cgroup_mounts(text);
    EXPECT_TRUE(mounts.v2.empty()) << text;
    EXPECT_EQ(mounts.v1, "") << text;
  }
}

TEST(CgroupMounts, KeepsABackslashThatIsNoEscape) {
  const auto mounts = cgroup_mounts("32 22 0:28 / /a\\04 rw - cgroup2 cgroup2 rw\n");
  EXPECT_EQ(mounts.v2, std::vector<std::string>{"/a\\04"});
}

}  // namespace
}  // namespace nacre::cgroups
