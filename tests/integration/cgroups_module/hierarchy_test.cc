// find_hierarchy() in every layout that a mount namespace can be given.
#include "cgroups/hierarchy.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups/path.h"
#include "sys/io.h"
#include "tests/integration/cgroups_module/fixture.h"

namespace nacre::cgroups {
namespace {

using testing::HasSubstr;
using HierarchyTest = test::CgroupsModuleTest;

std::string found() {
  const auto hierarchy = find_hierarchy();
  if (!hierarchy) return hierarchy.error().message();
  return hierarchy->mount_point + (hierarchy->hybrid ? " hybrid" : "");
}

// A bare /sys/fs/cgroup: what was there is hidden by an empty tmpfs, in this process only.
bool hide_cgroups() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/sys/fs/cgroup", "tmpfs", 0, "mode=755") == 0;
}

bool mount_cgroup2(const char* where) {
  ::mkdir(where, 0755);
  return ::mount("cgroup2", where, "cgroup2", 0, nullptr) == 0;
}

TEST_F(HierarchyTest, OnSysFsCgroup) {
  EXPECT_EQ(test::in_child([] {
              if (!hide_cgroups() || !mount_cgroup2("/sys/fs/cgroup")) return std::string("mount");
              return found();
            }),
            "/sys/fs/cgroup");
}

TEST_F(HierarchyTest, BesideV1) {
  EXPECT_EQ(test::in_child([] {
              if (!hide_cgroups() || !mount_cgroup2("/sys/fs/cgroup/unified")) {
                return std::string("mount");
              }
              return found();
            }),
            "/sys/fs/cgroup/unified hybrid");
}

// Every cgroup2 mount but `kept`; what hides another one goes first.
bool unmount_all_but(const std::string& kept) {
  for (int round = 0; round < 100; ++round) {
    const auto text = sys::read_file(sys::kCwd, "/proc/self/mountinfo", std::size_t{1} << 24U);
    if (!text) return false;
    auto places = cgroup_mounts(*text).v2;
    std::erase(places, kept);
    if (places.empty()) return true;
    ::umount2(places.back().c_str(), MNT_DETACH);
  }
  return false;
}

TEST_F(HierarchyTest, ElsewhereByMountinfo) {
  const std::string here = hierarchy().mount_point;
  const std::string text = test::in_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 || !unmount_all_but(here)) return std::string("mount");
    return found();
  });
  EXPECT_TRUE(text == here || text == here + " hybrid") << text;
}

TEST_F(HierarchyTest, BehindAHiddenOne) {
  const std::string here = hierarchy().mount_point;
  const std::string text = test::in_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 || !unmount_all_but(here) || !hide_cgroups() ||
        !mount_cgroup2("/sys/fs/cgroup/hidden") ||
        ::mount("none", "/sys/fs/cgroup/hidden", "tmpfs", 0, nullptr) != 0) {
      return std::string("mount");
    }
    return found();
  });
  EXPECT_TRUE(text == here || text == here + " hybrid") << text;
}

TEST_F(HierarchyTest, NowhereIsAnErrorThatSaysWhereItLooked) {
  const std::string text = test::in_child([] {
    if (::unshare(CLONE_NEWNS) != 0 || !unmount_all_but("")) return std::string("mount");
    return found();
  });
  EXPECT_THAT(text, HasSubstr("no cgroup v2 hierarchy found: neither /sys/fs/cgroup nor "
                              "/sys/fs/cgroup/unified is one, and /proc/self/mountinfo lists"));
}

TEST_F(HierarchyTest, OwnCgroupExistsThere) {
  const auto own = own_cgroup();
  ASSERT_TRUE(own) << own.error().message();
  EXPECT_TRUE(exists(*own)) << *own;
}

}  // namespace
}  // namespace nacre::cgroups
