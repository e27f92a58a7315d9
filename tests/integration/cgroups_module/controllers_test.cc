// Settings with the controllers this machine has, and what is said about those it has not.
#include "cgroups/controllers.h"

#include <unistd.h>

#include "tests/integration/cgroups_module/fixture.h"

namespace nacre::cgroups {
namespace {

using test::error_of;
using testing::HasSubstr;
using testing::StartsWith;

// A controller once enabled in the root stays so, as it does after any container: to take it back
// would pull it away under the tests that run beside this one.
class ControllersTest : public test::CgroupsModuleTest {
 protected:
  bool available(const std::string& name) const {
    return has_word(content("/cgroup.controllers"), name);
  }
};

std::vector<Setting> settings(const auto& fill) {
  oci::Resources resources;
  fill(resources);
  auto result = settings_for(resources);
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}

std::vector<Setting> with_memory_limit() {
  return settings([](oci::Resources& r) { r.memory.emplace().limit = 64 << 20; });
}

TEST_F(ControllersTest, AMemoryLimitIsSetOrRefusedWithTheReason) {
  const auto group = Cgroup::create(hierarchy(), path("/a/c1"), with_memory_limit());
  if (!available("memory")) {
    ASSERT_FALSE(group);
    EXPECT_THAT(group.error().message(),
                StartsWith("cannot set linux.resources.memory.limit: the memory controller is not "
                           "available in cgroup v2 at " +
                           hierarchy().mount_point + " (it is "));
    EXPECT_FALSE(exists(path()));
    return;
  }
  ASSERT_TRUE(group) << group.error().message();
  EXPECT_EQ(error_of(group->apply(with_memory_limit())), "no error");
  EXPECT_EQ(content(path("/a/c1/memory.max")), "67108864\n");
  EXPECT_EQ(group->stats()->memory->limit, 64U << 20U);
  EXPECT_EQ(error_of(group->remove()), "no error");
}

TEST_F(ControllersTest, AnUpdateGetsTheControllerItNeeds) {
  const Cgroup group = make("/a/c1");
  const auto done = group.apply(with_memory_limit());
  if (available("memory")) {
    EXPECT_EQ(error_of(done), "no error");
    EXPECT_EQ(content(path("/a/c1/memory.max")), "67108864\n");
  } else {
    EXPECT_THAT(error_of(done), HasSubstr("the memory controller is not available"));
  }
  EXPECT_EQ(error_of(group.remove()), "no error");
}

TEST_F(ControllersTest, HugepageLimits) {
  if (!available("hugetlb")) {
    GTEST_SKIP() << "cgroup v2 has no hugetlb controller here (it has: "
                 << content("/cgroup.controllers") << ")";
  }
  const auto limits = settings([](oci::Resources& r) { r.hugepage_limits = {{"2MB", 4U << 20U}}; });
  const auto group = Cgroup::create(hierarchy(), path("/a/c1"), limits);
  ASSERT_TRUE(group) << group.error().message();
  EXPECT_EQ(error_of(group->apply(limits)), "no error");
  EXPECT_EQ(content(path("/a/c1/hugetlb.2MB.max")), "4194304\n");
  EXPECT_EQ(content(path("/a/c1/hugetlb.2MB.rsvd.max")), "4194304\n");
  EXPECT_EQ(content(path("/a/cgroup.subtree_control")), "hugetlb\n");
  EXPECT_TRUE(group->stats()->hugetlb.contains("2MB"));
  EXPECT_EQ(error_of(group->remove()), "no error");
}

TEST_F(ControllersTest, NoLimitNeedsNoController) {
  const auto none = settings([](oci::Resources& r) {
    r.memory.emplace().limit = -1;
    r.pids_limit = -1;
    r.cpu.emplace().shares = 1024;
    r.cpu->quota = -1;
  });
  const auto group = Cgroup::create(hierarchy(), path("/a/c1"), none);
  ASSERT_TRUE(group) << group.error().message();
  EXPECT_EQ(error_of(group->apply(none)), "no error");
  EXPECT_EQ(content(path("/a/cgroup.subtree_control")), "");
  EXPECT_EQ(error_of(group->remove()), "no error");
}

TEST_F(ControllersTest, ACgroupWithProcessesCannotHandControllersDown) {
  if (!available("hugetlb")) GTEST_SKIP() << "cgroup v2 has no hugetlb controller here";
  const Cgroup parent = make("/a");
  test::Sleeper sleeper(parent);
  const auto limits = settings([](oci::Resources& r) { r.hugepage_limits = {{"2MB", 0}}; });
  const auto group = Cgroup::create(hierarchy(), path("/a/c1"), limits);
  ASSERT_FALSE(group);
  EXPECT_THAT(group.error().message(),
              StartsWith("cannot set linux.resources.hugepageLimits: enable the hugetlb "
                         "controller in " +
                         hierarchy().mount_point + path("/a/cgroup.subtree_control") +
                         ": device or resource busy (it has processes of its own"));
  EXPECT_FALSE(exists(path("/a/c1")));
  EXPECT_EQ(error_of(parent.kill()), "no error");
  EXPECT_EQ(error_of(parent.remove()), "no error");
}

TEST_F(ControllersTest, UnifiedFilesOfEveryCgroup) {
  const auto unified = settings([](oci::Resources& r) {
    r.unified = {{"cgroup.max.depth", "3"}, {"cgroup.max.descendants", "max"}};
  });
  const auto group = Cgroup::create(hierarchy(), path("/c1"), unified);
  ASSERT_TRUE(group);
  EXPECT_EQ(error_of(group->apply(unified)), "no error");
  EXPECT_EQ(content(path("/c1/cgroup.max.depth")), "3\n");
  const auto wrong = settings([](oci::Resources& r) { r.unified = {{"cgroup.max.depth", "x"}}; });
  EXPECT_EQ(error_of(group->apply(wrong)),
            "cannot set linux.resources.unified[\"cgroup.max.depth\"]: write \"x\" to "
            "cgroup.max.depth: invalid argument");
  const auto unknown = settings([](oci::Resources& r) { r.unified = {{"nacre.x", "1"}}; });
  EXPECT_THAT(error_of(group->apply(unknown)),
              HasSubstr("the nacre controller is not available in cgroup v2 at"));
  EXPECT_EQ(error_of(group->remove()), "no error");
}

}  // namespace
}  // namespace nacre::cgroups
