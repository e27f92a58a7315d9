// Cgroup over a tree of plain files: which files it reads and writes, and what it says when that
// fails. What the kernel does with them: tests/integration/cgroups_module.
#include "cgroups/cgroup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cgroups/control_events.h"
#include "cgroups/kill.h"
#include "cgroups/tree.h"
#include "tests/support/fake_cgroupfs.h"

namespace nacre::cgroups {
namespace {

using test::FakeCgroupfs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Setting write(const std::string& file, const std::string& value) {
  Setting setting;
  setting.file = file;
  setting.value = value;
  setting.controller = controller_of(file);
  setting.field = "linux.resources.x";
  return setting;
}

Cgroup opened(const Hierarchy& hierarchy, const std::string& path = "/c1") {
  auto group = Cgroup::open(hierarchy, path);
  if (!group) throw std::runtime_error(group.error().message());
  return *std::move(group);
}

std::string error_of(const Result<void>& result) {
  return result ? std::string("no error") : result.error().message();
}

TEST(CgroupCreate, MakesTheLeafAndItsParents) {
  const FakeCgroupfs fake({});
  const Hierarchy hierarchy = fake.hierarchy();
  const auto group = Cgroup::create(hierarchy, "/a/b/c/d", {});
  ASSERT_TRUE(group) << group.error().message();
  EXPECT_TRUE(group->created());
  EXPECT_EQ(group->path(), "/a/b/c/d");
  EXPECT_TRUE(fake.exists("a/b/c/d"));
  const auto again = Cgroup::create(hierarchy, "/a/b/c/d", {});
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->created());
}

TEST(CgroupCreate, RefusesPathsThatLeadElsewhere) {
  const FakeCgroupfs fake({});
  for (const char* path : {"", "a", "/", "/../a", "/a/../b"}) {
    EXPECT_FALSE(Cgroup::create(fake.hierarchy(), path, {})) << path;
    EXPECT_FALSE(Cgroup::open(fake.hierarchy(), path)) << path;
  }
}

TEST(CgroupCreate, SaysWhatIsInTheWay) {
  const FakeCgroupfs fake({{"file", "x"}});
  const auto leaf = Cgroup::create(fake.hierarchy(), "/file", {});
  ASSERT_FALSE(leaf);
  EXPECT_THAT(leaf.error().message(), HasSubstr("/file: not a directory"));
  const auto below = Cgroup::create(fake.hierarchy(), "/file/c1", {});
  ASSERT_FALSE(below);
  EXPECT_THAT(below.error().message(), HasSubstr("/file/c1: not a directory"));
}

TEST(CgroupCreate, LeavesNothingWhenItFails) {
  const FakeCgroupfs fake({{"cgroup.controllers", ""}});
  ASSERT_FALSE(Cgroup::create(fake.hierarchy(), "/a/c1", {write("memory.max", "1")}));
  EXPECT_FALSE(fake.exists("a/c1"));
  EXPECT_EQ(fake.exists("a"), !fake.has_user_attributes());
}

TEST(CgroupOpen, NeedsIt) {
  const FakeCgroupfs fake({});
  const auto group = Cgroup::open(fake.hierarchy(), "/c1");
  ASSERT_FALSE(group);
  EXPECT_EQ(group.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(group.error().message(), HasSubstr("/c1: no such file or directory"));
}

TEST(CgroupApply, WritesEverySetting) {
  const FakeCgroupfs fake({{"c1", {{"memory.max", ""}, {"io.weight", ""}, {"pids.max", ""}}}});
  Setting weight = write("io.bfq.weight", "750");
  weight.other_file = "io.weight";
  weight.other_value = "7475";
  const Hierarchy hierarchy = fake.hierarchy();
  const auto done =
      opened(hierarchy).apply({write("memory.max", "100"), weight, write("pids.max", "5")});
  EXPECT_TRUE(done) << done.error().message();
  EXPECT_EQ(fake.content("c1/memory.max"), "100");
  EXPECT_EQ(fake.content("c1/io.weight"), "7475");
  EXPECT_EQ(fake.content("c1/pids.max"), "5");
}

TEST(CgroupApply, PrefersBfqWhereItIs) {
  const FakeCgroupfs fake({{"c1", {{"io.bfq.weight", ""}, {"io.weight", ""}}}});
  Setting weight = write("io.bfq.weight", "750");
  weight.other_file = "io.weight";
  weight.other_value = "7475";
  const Hierarchy hierarchy = fake.hierarchy();
  EXPECT_TRUE(opened(hierarchy).apply({weight}));
  EXPECT_EQ(fake.content("c1/io.bfq.weight"), "750");
  EXPECT_EQ(fake.content("c1/io.weight"), "");
}

TEST(CgroupApply, EnablesAControllerThatAnUpdateNeeds) {
  const FakeCgroupfs fake({{"cgroup.controllers", "memory"},
                           {"cgroup.subtree_control", ""},
                           {"c1", {{"cgroup.controllers", ""}}}});
  const Hierarchy hierarchy = fake.hierarchy();
  // The fake grows no memory.max, so the second try fails too; what counts is the attempt.
  EXPECT_THAT(
      error_of(opened(hierarchy).apply({write("memory.max", "100")})),
      "cannot set linux.resources.x: write \"100\" to memory.max: no such file or directory");
  EXPECT_EQ(fake.content("cgroup.subtree_control"), "+memory");
}

TEST(CgroupApply, NamesFieldValueAndFile) {
  const FakeCgroupfs fake({{"c1", {{"memory.max", {}}}}});  // a directory: EISDIR
  const Hierarchy hierarchy = fake.hierarchy();
  EXPECT_EQ(error_of(opened(hierarchy).apply({write("memory.max", "100")})),
            "cannot set linux.resources.x: write \"100\" to memory.max: is a directory");
}

TEST(CgroupApply, ComparesWithTheUsageBeforeItWritesAnything) {
  const FakeCgroupfs fake({{"c1",
                            {{"memory.current", "5000\n"},
                             {"memory.max", ""},
                             {"memory.swap.max", ""},
                             {"pids.max", ""}}}});
  const Hierarchy hierarchy = fake.hierarchy();
  Setting limit = write("memory.max", "5000");
  limit.must_exceed_usage = 5000;
  const auto refused = opened(hierarchy).apply({write("pids.max", "5"), limit});
  EXPECT_EQ(error_of(refused), "rejecting memory limit 5000 <= usage 5000");
  EXPECT_EQ(refused.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(fake.content("c1/pids.max"), "");

  Setting swap = write("memory.swap.max", "1");
  swap.must_exceed_usage = 4999;
  EXPECT_EQ(error_of(opened(hierarchy).apply({swap})),
            "rejecting memory+swap limit 4999 <= usage 5000");
  limit.must_exceed_usage = 5001;
  EXPECT_TRUE(opened(hierarchy).apply({limit}));
}

TEST(CgroupApply, CannotCompareWithoutTheMemoryController) {
  const FakeCgroupfs fake({{"c1", {{"memory.max", ""}}}});
  const Hierarchy hierarchy = fake.hierarchy();
  Setting limit = write("memory.max", "1");
  limit.must_exceed_usage = 1;
  EXPECT_TRUE(opened(hierarchy).apply({limit}));
}

TEST(CgroupRequireEmpty, SpeaksLikeRunc) {
  const FakeCgroupfs fake({
      {"full",
       {{"cgroup.events", "populated 1\nfrozen 0\n"},
        {"cgroup.procs", "7\n0\n"},
        {"sub", {{"cgroup.procs", "8\n"}}}}},
      {"frozen", {{"cgroup.events", "populated 0\nfrozen 1\n"}, {"cgroup.procs", ""}}},
      {"left", {{"cgroup.events", "populated 1\nfrozen 0\n"}, {"cgroup.procs", ""}}},
      {"free", {{"cgroup.events", "populated 0\nfrozen 0\n"}, {"cgroup.procs", ""}}},
  });
  const Hierarchy hierarchy = fake.hierarchy();
  EXPECT_EQ(error_of(opened(hierarchy, "/full").require_empty()),
            "container's cgroup is not empty: 3 process(es) found");
  EXPECT_EQ(error_of(opened(hierarchy, "/frozen").require_empty()),
            "container's cgroup unexpectedly frozen");
  EXPECT_EQ(error_of(opened(hierarchy, "/left").require_empty()), "no error");
  EXPECT_EQ(error_of(opened(hierarchy, "/free").require_empty()), "no error");
}

TEST(CgroupProcesses, AreThoseBelowTooInOrder) {
  const FakeCgroupfs fake(
      {{"c1",
        {{"cgroup.procs", "30\n4\n"},
         {"b", {{"cgroup.procs", "100\n0\n"}, {"deep", {{"cgroup.procs", "5\n"}}}}},
         {"a", {{"cgroup.procs", ""}}},
         {"no-files", {}}}}});
  const Hierarchy hierarchy = fake.hierarchy();
  EXPECT_THAT(opened(hierarchy).processes().value_or(std::vector<int>{-1}),
              ElementsAre(4, 5, 30, 100));
}

TEST(CgroupProcesses, AreFoundHoweverDeep) {
  const FakeCgroupfs fake({{"c1", {{"cgroup.procs", ""}}}});
  // A path longer than PATH_MAX, through more directories than descriptors are allowed.
  const std::string name(60, 'n');
  auto at = sys::openat<sys::DirFd>(fake.hierarchy().root, "c1", O_RDONLY | O_DIRECTORY);
  for (int level = 0; level < 200 && at; ++level) {
    ASSERT_TRUE(sys::mkdirat(*at, name.c_str(), 0755));
    at = sys::openat<sys::DirFd>(*at, name.c_str(), O_RDONLY | O_DIRECTORY);
  }
  ASSERT_TRUE(at);
  const auto procs = sys::openat(*at, "cgroup.procs", O_WRONLY | O_CREAT, 0644);
  ASSERT_TRUE(procs);
  ASSERT_TRUE(sys::write(*procs, "77\n", 3));
  const Hierarchy hierarchy = fake.hierarchy();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{100, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const auto pids = opened(hierarchy).processes();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(pids) << pids.error().message();
  EXPECT_THAT(*pids, ElementsAre(77));
  ASSERT_TRUE(sys::unlinkat(*at, "cgroup.procs"));
  EXPECT_TRUE(for_each_below(opened(hierarchy).dir(), [](FdRef parent, const std::string& one) {
    return sys::unlinkat(parent, one.c_str(), AT_REMOVEDIR);
  }));
  EXPECT_FALSE(fake.exists("c1/" + name));
}

TEST(CgroupFreeze, WaitsForTheEvent) {
  const FakeCgroupfs fake({{"c1", {{"cgroup.freeze", ""}, {"cgroup.events", "frozen 1\n"}}}});
  const Hierarchy hierarchy = fake.hierarchy();
  const Cgroup group = opened(hierarchy);
  EXPECT_EQ(error_of(group.freeze()), "no error");
  EXPECT_EQ(fake.content("c1/cgroup.freeze"), "1");
  EXPECT_EQ(group.frozen().value_or(false), true);
  // The fake never thaws.
  EXPECT_THAT(error_of(group.thaw(0)), HasSubstr("the cgroup did not thaw within 0 ms"));
  EXPECT_EQ(fake.content("c1/cgroup.freeze"), "0");
}

TEST(CgroupFreeze, ThawsAgainWhatDoesNotFreeze) {
  const FakeCgroupfs fake({{"c1", {{"cgroup.freeze", ""}, {"cgroup.events", "frozen 0\n"}}}});
  const Hierarchy hierarchy = fake.hierarchy();
  const auto done = opened(hierarchy).freeze(0);
  EXPECT_THAT(error_of(done), HasSubstr("/c1: the cgroup did not freeze within 0 ms"));
  EXPECT_EQ(done.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(fake.content("c1/cgroup.freeze"), "0");
}

TEST(CgroupKill, UsesTheKernelsOwnWhereItIs) {
  const FakeCgroupfs fake({{"c1", {{"cgroup.kill", ""}, {"cgroup.freeze", ""}}}});
  const Hierarchy hierarchy = fake.hierarchy();
  EXPECT_EQ(error_of(opened(hierarchy).kill()), "no error");
  EXPECT_EQ(fake.content("c1/cgroup.kill"), "1");
  EXPECT_EQ(fake.content("c1/cgroup.freeze"), "");
}

TEST(CgroupKill, ThawsAfterKillingOneByOne) {
  const FakeCgroupfs fake(
      {{"c1", {{"cgroup.freeze", ""}, {"cgroup.events", "frozen 1\n"}, {"cgroup.procs", ""}}}});
  const Hierarchy hierarchy = fake.hierarchy();
  EXPECT_EQ(error_of(opened(hierarchy).kill()), "no error");
  EXPECT_EQ(fake.content("c1/cgroup.freeze"), "0");
}

TEST(CgroupRemove, TakesCgroupsBelowAndEmptyParentsOfOurs) {
  const FakeCgroupfs fake({{"theirs", {}}});
  if (!fake.has_user_attributes()) GTEST_SKIP() << "no user attributes on " << fake.root();
  const Hierarchy hierarchy = fake.hierarchy();
  const auto one = Cgroup::create(hierarchy, "/theirs/ours/sub/c1", {});
  const auto two = Cgroup::create(hierarchy, "/theirs/ours/c2", {});
  ASSERT_TRUE(one && two);
  EXPECT_EQ(error_of(one->remove()), "no error");
  EXPECT_FALSE(fake.exists("theirs/ours/sub"));
  EXPECT_TRUE(fake.exists("theirs/ours/c2"));
  // From another process, which did not create it.
  EXPECT_EQ(error_of(opened(hierarchy, "/theirs/ours/c2").remove()), "no error");
  EXPECT_FALSE(fake.exists("theirs/ours"));
  EXPECT_TRUE(fake.exists("theirs"));
}

TEST(CgroupRemove, IsDoneWhenItIsGone) {
  const FakeCgroupfs fake({});
  const Hierarchy hierarchy = fake.hierarchy();
  const auto group = Cgroup::create(hierarchy, "/a/c1", {});
  ASSERT_TRUE(group);
  ASSERT_TRUE(sys::unlinkat(hierarchy.root, "a/c1", AT_REMOVEDIR));
  EXPECT_EQ(error_of(group->remove()), "no error");
  EXPECT_EQ(fake.exists("a"), !fake.has_user_attributes());
  EXPECT_EQ(error_of(group->remove()), "no error");
}

TEST(CgroupRemove, GivesUpOnProcessesThatStay) {
  const FakeCgroupfs fake({{"c1", {{"cgroup.events", "populated 1\n"}}}});
  const Hierarchy hierarchy = fake.hierarchy();
  EXPECT_THAT(error_of(opened(hierarchy).remove(0)), HasSubstr("there are still processes in it"));
  EXPECT_TRUE(fake.exists("c1"));
}

TEST(CgroupDelegate, PassesOverFilesThatAreNotThere) {
  const FakeCgroupfs fake({{"c1", {{"cgroup.procs", ""}}}});
  const Hierarchy hierarchy = fake.hierarchy();
  EXPECT_EQ(error_of(opened(hierarchy).delegate(::getuid(), ::getgid())), "no error");
}

TEST(CgroupAttach, WritesThePid) {
  const FakeCgroupfs fake({{"c1", {{"cgroup.procs", ""}}}, {"c2", {}}});
  const Hierarchy hierarchy = fake.hierarchy();
  EXPECT_EQ(error_of(opened(hierarchy).attach(1234)), "no error");
  EXPECT_EQ(fake.content("c1/cgroup.procs"), "1234");
  EXPECT_THAT(error_of(opened(hierarchy, "/c2").attach(1234)), HasSubstr("move process 1234"));
}

TEST(ValueOf, FindsTheWholeKey) {
  EXPECT_EQ(value_of("populated 1\nfrozen 0\n", "frozen"), 0U);
  EXPECT_EQ(value_of("oom 4\noom_kill 5\n", "oom"), 4U);
  EXPECT_EQ(value_of("oom_kill 5\n", "oom"), std::nullopt);
  EXPECT_EQ(value_of("oom\n", "oom"), std::nullopt);
  EXPECT_EQ(value_of("oom x\n", "oom"), std::nullopt);
  EXPECT_EQ(value_of("", "oom"), std::nullopt);
}

}  // namespace
}  // namespace nacre::cgroups
