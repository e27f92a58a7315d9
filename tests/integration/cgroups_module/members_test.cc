// Processes in a cgroup: born there, listed, frozen, killed, handed to a user.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "cgroups/control_events.h"
#include "cgroups/kill.h"
#include "sys/file.h"
#include "tests/integration/cgroups_module/fixture.h"

namespace nacre::cgroups {
namespace {

using test::error_of;
using test::Sleeper;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using MembersTest = test::CgroupsModuleTest;

std::vector<int> pids_of(const Cgroup& group) {
  return group.processes().value_or(std::vector<int>{-1});
}

TEST_F(MembersTest, AreBornInside) {
  const Cgroup group = make("/c1");
  const Cgroup below = make("/c1/below");
  EXPECT_THAT(pids_of(group), IsEmpty());
  Sleeper first(group);
  Sleeper second(below);
  std::vector<int> both{first.pid(), second.pid()};
  std::ranges::sort(both);
  EXPECT_EQ(pids_of(group), both);
  EXPECT_THAT(pids_of(below), ElementsAre(second.pid()));

  const auto later = Cgroup::open(hierarchy(), path("/c1"));
  ASSERT_TRUE(later);
  EXPECT_EQ(error_of(later->require_empty()),
            "container's cgroup is not empty: 2 process(es) found");
  EXPECT_TRUE(later->events()->populated);
  EXPECT_EQ(later->stats()->pids.current, 2U);
  EXPECT_EQ(error_of(group.kill()), "no error");
  EXPECT_EQ(error_of(group.remove()), "no error");
}

TEST_F(MembersTest, CanBeMovedIn) {
  const Cgroup one = make("/c1");
  const Cgroup two = make("/c2");
  Sleeper sleeper(one);
  EXPECT_EQ(error_of(two.attach(sleeper.pid())), "no error");
  EXPECT_THAT(pids_of(one), IsEmpty());
  EXPECT_THAT(pids_of(two), ElementsAre(sleeper.pid()));
  EXPECT_EQ(error_of(two.kill()), "no error");
  const int gone = sleeper.pid();
  EXPECT_EQ(sleeper.reap(), SIGKILL);
  EXPECT_THAT(error_of(one.attach(gone)), HasSubstr("no such process"));
  EXPECT_EQ(error_of(one.remove()), "no error");
  EXPECT_EQ(error_of(two.remove()), "no error");
}

TEST_F(MembersTest, StopAndGoOn) {
  const Cgroup group = make("/c1");
  Sleeper sleeper(group);
  Sleeper runner = Sleeper::runner(group);
  ASSERT_EQ(error_of(group.freeze()), "no error");
  EXPECT_TRUE(group.frozen().value_or(false));
  EXPECT_TRUE(group.events()->frozen);
  const auto still = pids_of(group);
  EXPECT_EQ(pids_of(group), still);  // the runner stands still too
  EXPECT_EQ(error_of(group.freeze()), "no error");

  ASSERT_EQ(error_of(group.thaw()), "no error");
  EXPECT_FALSE(group.frozen().value_or(true));
  EXPECT_EQ(error_of(group.thaw()), "no error");
  EXPECT_EQ(error_of(group.kill()), "no error");
  EXPECT_EQ(error_of(group.remove()), "no error");
}

TEST_F(MembersTest, DoNotGoOnUnderAFrozenParent) {
  const Cgroup parent = make("/p");
  const Cgroup child = make("/p/c1");
  ASSERT_EQ(error_of(parent.freeze()), "no error");
  EXPECT_TRUE(child.frozen().value_or(false));
  EXPECT_THAT(error_of(child.thaw(0)), HasSubstr("did not thaw"));
  const auto later = Cgroup::open(hierarchy(), path("/p/c1"));
  ASSERT_TRUE(later);
  EXPECT_EQ(error_of(later->require_empty()), "container's cgroup unexpectedly frozen");
  ASSERT_EQ(error_of(parent.thaw()), "no error");
  EXPECT_EQ(error_of(later->require_empty()), "no error");
  EXPECT_EQ(error_of(parent.remove()), "no error");
}

TEST_F(MembersTest, AreKilledFrozenOrNot) {
  const Cgroup group = make("/c1");
  const Cgroup below = make("/c1/below");
  Sleeper first(group);
  Sleeper second(below);
  ASSERT_EQ(error_of(group.freeze()), "no error");
  EXPECT_EQ(error_of(group.kill()), "no error");
  EXPECT_EQ(first.reap(), SIGKILL);
  EXPECT_EQ(second.reap(), SIGKILL);
  EXPECT_EQ(error_of(group.remove()), "no error");
}

TEST_F(MembersTest, AreKilledWithoutCgroupKill) {
  const Cgroup group = make("/c1");
  const Cgroup below = make("/c1/below");
  Sleeper first(group);
  Sleeper second(below);
  EXPECT_EQ(error_of(kill_each(group.dir())), "no error");
  EXPECT_EQ(first.reap(), SIGKILL);
  EXPECT_EQ(second.reap(), SIGKILL);
  EXPECT_EQ(error_of(group.remove()), "no error");
}

// A process that is another one whenever one looks.
TEST_F(MembersTest, CannotRunAwayFromTheKill) {
  for (const bool with_cgroup_kill : {true, false}) {
    const Cgroup group = make("/c1");
    Sleeper runner = Sleeper::runner(group);
    static_cast<void>(runner.reap());  // it has its first child
    EXPECT_EQ(error_of(with_cgroup_kill ? group.kill() : kill_each(group.dir())), "no error");
    EXPECT_EQ(error_of(group.remove()), "no error") << with_cgroup_kill;
  }
}

TEST_F(MembersTest, BelongToTheUserTheCgroupWasGivenTo) {
  constexpr std::uint32_t kUser = 65534;
  const Cgroup group = make("/c1");
  ASSERT_EQ(error_of(group.delegate(kUser, kUser)), "no error");
  const std::string dir = hierarchy().mount_point + path("/c1");
  for (const char* file : {"", "/cgroup.procs", "/cgroup.subtree_control", "/cgroup.threads"}) {
    struct stat status{};
    ASSERT_EQ(::stat((dir + file).c_str(), &status), 0) << file;
    EXPECT_EQ(status.st_uid, kUser) << file;
    EXPECT_EQ(status.st_gid, kUser) << file;
  }
  struct stat limits{};
  ASSERT_EQ(::stat((dir + "/cgroup.max.depth").c_str(), &limits), 0);
  EXPECT_EQ(limits.st_uid, 0U);  // limits stay with whoever delegates

  // The user reaches the tree through the descriptor: the mount point lies in a directory of
  // root's.
  EXPECT_EQ(test::in_child([&] {
              if (::setgid(kUser) != 0 || ::setuid(kUser) != 0) return std::string("setuid");
              const auto below = sys::mkdirat(group.dir(), "below", 0755);
              const auto above = sys::mkdirat(group.dir(), "../above", 0755);
              return std::string(below ? "below " : "") + (above ? "above" : "");
            }),
            "below ");
  EXPECT_EQ(error_of(group.remove()), "no error");
}

TEST_F(MembersTest, AnnounceTheirEnd) {
  const Cgroup group = make("/c1");
  Sleeper sleeper(group);
  const auto events = ControlEvents::open(group.dir(), "cgroup.events");
  ASSERT_TRUE(events);
  EXPECT_EQ(events->wait_for("populated", 1, 0).value_or(false), true);
  EXPECT_EQ(error_of(group.kill()), "no error");
  EXPECT_EQ(events->wait_for("populated", 0, kPatience).value_or(false), true);
  EXPECT_EQ(error_of(group.remove()), "no error");
  EXPECT_EQ(events->read().error().value, ENODEV);
}

TEST_F(MembersTest, UseCpuTime) {
  const Cgroup group = make("/c1");
  Sleeper runner = Sleeper::runner(group);
  static_cast<void>(runner.reap());
  EXPECT_EQ(error_of(group.kill()), "no error");
  const auto events = ControlEvents::open(group.dir(), "cgroup.events");
  ASSERT_TRUE(events);
  ASSERT_EQ(events->wait_for("populated", 0, kPatience).value_or(false), true);
  const auto stats = group.stats();
  ASSERT_TRUE(stats) << stats.error().message();
  EXPECT_GT(stats->cpu.usage, 0U);
  EXPECT_EQ(stats->pids.current, 0U);
  EXPECT_EQ(error_of(group.remove()), "no error");
}

}  // namespace
}  // namespace nacre::cgroups
