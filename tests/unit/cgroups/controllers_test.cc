#include "cgroups/controllers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cgroups/cgroup.h"
#include "tests/support/fake_cgroupfs.h"

namespace nacre::cgroups {
namespace {

using test::FakeCgroupfs;
using testing::HasSubstr;

Setting needs(const std::string& file, const std::string& field) {
  Setting setting;
  setting.file = file;
  setting.value = "1";
  setting.controller = controller_of(file);
  setting.field = field;
  return setting;
}

const std::vector<Setting> kMemoryAndPids = {needs("memory.max", "linux.resources.memory.limit"),
                                             needs("memory.low", "linux.resources.memory.low"),
                                             needs("pids.max", "linux.resources.pids.limit")};

TEST(HasWord, MatchesWholeWordsOnly) {
  EXPECT_TRUE(has_word("cpuset cpu io\n", "cpu"));
  EXPECT_TRUE(has_word("cpu", "cpu"));
  EXPECT_TRUE(has_word("cpuset io\n", "io"));
  EXPECT_FALSE(has_word("cpuset io\n", "cpu"));
  EXPECT_FALSE(has_word("", "cpu"));
  EXPECT_FALSE(has_word("hugetlb\n", "huge"));
}

TEST(WhyMissing, ReadsProcCgroups) {
  const char* proc =
      "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
      "memory\t4\t20\t1\nblkio\t7\t1\t1\npids\t0\t1\t1\nrdma\t0\t1\t0\n";
  EXPECT_EQ(why_missing(proc, "memory"), "it is bound to cgroup v1");
  EXPECT_EQ(why_missing(proc, "io"), "it is bound to cgroup v1");
  EXPECT_EQ(why_missing(proc, "pids"), "it is not delegated to this part of the hierarchy");
  EXPECT_EQ(why_missing(proc, "rdma"), "it is disabled on the kernel's command line");
  EXPECT_EQ(why_missing(proc, "mem"), "this kernel does not have it");
  EXPECT_EQ(why_missing("", "memory"), "this kernel does not have it");
}

TEST(ProvideControllers, TouchesNothingWhenTheLeafHasThem) {
  const FakeCgroupfs fake({{"cgroup.controllers", "memory pids"},
                           {"cgroup.subtree_control", ""},
                           {"c1", {{"cgroup.controllers", "cpu memory pids\n"}}}});
  ASSERT_TRUE(Cgroup::create(fake.hierarchy(), "/c1", kMemoryAndPids));
  EXPECT_EQ(fake.content("cgroup.subtree_control"), "");
}

TEST(ProvideControllers, EnablesWhatEachLevelLacks) {
  const FakeCgroupfs fake({{"cgroup.controllers", "cpu io memory pids\n"},
                           {"cgroup.subtree_control", "memory\n"},
                           {"a",
                            {{"cgroup.subtree_control", ""},
                             {"b",
                              {{"cgroup.subtree_control", "memory pids\n"},
                               {"c1", {{"cgroup.controllers", "\n"}}}}}}}});
  ASSERT_TRUE(Cgroup::create(fake.hierarchy(), "/a/b/c1", kMemoryAndPids));
  EXPECT_EQ(fake.content("cgroup.subtree_control"), "+pidsy\n");  // over "memory\n"
  EXPECT_EQ(fake.content("a/cgroup.subtree_control"), "+memory +pids");
  EXPECT_EQ(fake.content("a/b/cgroup.subtree_control"), "memory pids\n");
}

TEST(ProvideControllers, NamesTheControllerAndTheFieldThatCannotBe) {
  const FakeCgroupfs fake({{"cgroup.controllers", "hugetlb pids\n"},
                           {"cgroup.subtree_control", ""},
                           {"c1", {{"cgroup.controllers", ""}}}});
  const auto group = Cgroup::create(fake.hierarchy(), "/c1", kMemoryAndPids);
  ASSERT_FALSE(group);
  EXPECT_EQ(group.error().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(group.error().message(),
              HasSubstr("cannot set linux.resources.memory.limit: the memory controller is not "
                        "available in cgroup v2 at " +
                        fake.root().string() + " ("));
  EXPECT_EQ(fake.content("cgroup.subtree_control"), "");
}

TEST(ProvideControllers, IgnoresSettingsThatChangeNothing) {
  const FakeCgroupfs fake({{"cgroup.controllers", ""}});
  Setting max = needs("pids.max", "linux.resources.pids.limit");
  max.if_missing = Setting::IfMissing::kIgnore;
  const auto group = Cgroup::create(fake.hierarchy(), "/c1", {max});
  ASSERT_TRUE(group);
  EXPECT_TRUE(group->apply({max}));
  EXPECT_FALSE(fake.exists("c1/pids.max"));
}

TEST(ProvideControllers, TakesWantedOnesAsFarAsTheyGo) {
  const FakeCgroupfs fake({{"cgroup.controllers", "memory\n"},
                           {"cgroup.subtree_control", ""},
                           {"c1", {{"cgroup.controllers", ""}}}});
  ASSERT_TRUE(Cgroup::create(fake.hierarchy(), "/c1", {}, {"cpu", "memory"}));
  EXPECT_EQ(fake.content("cgroup.subtree_control"), "+memory");
}

TEST(ProvideControllers, SaysWhereAControllerCannotBeEnabled) {
  const FakeCgroupfs fake({{"cgroup.controllers", "memory pids\n"},
                           {"cgroup.subtree_control", ""},
                           {"a",
                            {{"cgroup.subtree_control", {}},  // a directory: EISDIR
                             {"c1", {{"cgroup.controllers", ""}}}}}});
  const auto group = Cgroup::create(fake.hierarchy(), "/a/c1", kMemoryAndPids);
  ASSERT_FALSE(group);
  EXPECT_THAT(group.error().message(), HasSubstr("/a/cgroup.subtree_control"));
}

}  // namespace
}  // namespace nacre::cgroups
