// Making and removing: what is left, and what happens when two do it at once.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroups/cgroup.h"
#include "tests/integration/cgroups_module/fixture.h"

namespace nacre::cgroups {
namespace {

using test::error_of;
using test::Sleeper;
using testing::HasSubstr;
using DirectoriesTest = test::CgroupsModuleTest;

TEST_F(DirectoriesTest, RemovesTheParentsItMade) {
  const Cgroup group = make("/a/b/c1");
  EXPECT_TRUE(group.created());
  EXPECT_EQ(error_of(group.require_empty()), "no error");
  EXPECT_EQ(error_of(group.remove()), "no error");
  EXPECT_FALSE(exists(path()));
}

TEST_F(DirectoriesTest, KeepsParentsInUseAndParentsOfOthers) {
  ASSERT_EQ(::mkdir((hierarchy().mount_point + path()).c_str(), 0755), 0);
  const Cgroup one = make("/ours/c1");
  const Cgroup two = make("/ours/c2");
  EXPECT_EQ(error_of(one.remove()), "no error");
  EXPECT_TRUE(exists(path("/ours/c2")));
  EXPECT_EQ(error_of(two.remove()), "no error");
  EXPECT_FALSE(exists(path("/ours")));
  EXPECT_TRUE(exists(path()));
  EXPECT_EQ(::rmdir((hierarchy().mount_point + path()).c_str()), 0);
}

TEST_F(DirectoriesTest, RemovesWhatTheContainerMadeBelow) {
  const Cgroup group = make("/c1");
  for (const char* below : {"/c1/x", "/c1/x/y", "/c1/x/y/z", "/c1/w"}) make(below);
  const auto opened = Cgroup::open(hierarchy(), path("/c1"));
  ASSERT_TRUE(opened);
  EXPECT_EQ(error_of(opened->remove()), "no error");
  EXPECT_FALSE(exists(path()));
}

TEST_F(DirectoriesTest, RemovingTwiceIsNoError) {
  const Cgroup group = make("/c1");
  EXPECT_EQ(error_of(group.remove()), "no error");
  EXPECT_EQ(error_of(group.remove()), "no error");
}

TEST_F(DirectoriesTest, WaitsForProcessesThatAreDying) {
  const Cgroup group = make("/c1");
  const Cgroup below = make("/c1/below");
  std::vector<Sleeper> sleepers;
  for (int i = 0; i < 20; ++i) sleepers.emplace_back(i % 2 == 0 ? group : below);
  EXPECT_EQ(error_of(group.kill()), "no error");
  EXPECT_EQ(error_of(group.remove()), "no error");  // nobody has been reaped yet
  EXPECT_FALSE(exists(path()));
}

TEST_F(DirectoriesTest, DoesNotRemoveACgroupInUse) {
  const Cgroup group = make("/c1");
  Sleeper sleeper(group);
  EXPECT_THAT(error_of(group.remove(0)), HasSubstr("there are still processes in it"));
  EXPECT_TRUE(exists(path("/c1")));
  EXPECT_EQ(error_of(group.kill()), "no error");
  EXPECT_EQ(sleeper.reap(), SIGKILL);
  EXPECT_EQ(error_of(group.remove()), "no error");
}

TEST_F(DirectoriesTest, AnObjectNeverActsOnASuccessorOfTheSameName) {
  const Cgroup old = make("/c1");
  EXPECT_EQ(error_of(old.remove()), "no error");
  const Cgroup fresh = make("/c1");
  Sleeper sleeper(fresh);
  EXPECT_NE(error_of(old.kill()), "no error");
  EXPECT_NE(error_of(old.attach(::getpid())), "no error");
  EXPECT_FALSE(old.events());
  EXPECT_EQ(fresh.processes().value_or(std::vector<int>()), std::vector<int>{sleeper.pid()});
  EXPECT_EQ(error_of(fresh.kill()), "no error");
  EXPECT_EQ(error_of(fresh.remove()), "no error");
}

// The last container below a parent removes it while another is about to be made there.
TEST_F(DirectoriesTest, MakingAndRemovingSideBySide) {
  constexpr int kRounds = 300;
  const auto rounds = [&](const std::string& name) {
    for (int i = 0; i < kRounds; ++i) {
      const auto group = Cgroup::create(hierarchy(), path("/p/q/" + name), {});
      if (!group) return group.error().message();
      const auto removed = group->remove();
      if (!removed) return removed.error().message();
    }
    return std::string("done");
  };
  int read_end = -1;
  int write_end = -1;
  const int other = test::fork_child(read_end, write_end);
  if (other == 0) test::end_child(write_end, rounds("b"));
  EXPECT_EQ(rounds("a"), "done");
  EXPECT_EQ(test::finish_child(other, read_end), "done");
  EXPECT_FALSE(exists(path()));
}

}  // namespace
}  // namespace nacre::cgroups
