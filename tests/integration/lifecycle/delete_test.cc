// delete, with and without --force.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class DeleteTest : public ContainerTest {};

TEST_F(DeleteTest, MissingIdSaysSo) {
  expect_failure(runtime({"delete", new_id()}).run(), 1, "does not exist");
}

TEST_F(DeleteTest, ForceOfAMissingIdSucceeds) {
  expect_success(runtime({"delete", "--force", new_id()}).run());
  expect_success(runtime({"delete", "-f", new_id()}).run());
}

// A runtime that died in the middle of create leaves a directory without a usable state.
TEST_F(DeleteTest, ForceRemovesAHalfMadeStateDirectory) {
  const std::string id = new_id();
  fs::create_directories(state_root() / id);
  expect_success(runtime({"delete", "--force", id}).run());
  EXPECT_FALSE(fs::exists(state_root() / id));
}

TEST_F(DeleteTest, RunningContainerIsRefused) {
  const Container container = launch_idle();
  expect_failure(runtime({"delete", container.id}).run(), 1,
                 "cannot delete container " + container.id + " that is not stopped: running");
  EXPECT_EQ(status(container.id), "running");
}

TEST_F(DeleteTest, ForceKillsARunningContainer) {
  const Container container = launch_idle();
  expect_success(runtime({"delete", "--force", container.id}).run());
  EXPECT_EQ(reap(container.pid), 128 + SIGKILL);
  EXPECT_FALSE(fs::exists(state_root() / container.id));
  EXPECT_FALSE(fs::exists(cgroup_dir(container.id)));
}

TEST_F(DeleteTest, ForceOfACreatedContainer) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  expect_success(runtime({"delete", "--force", container.id}).run());
  EXPECT_EQ(reap(container.pid), 128 + SIGKILL);
}

// A created container is not running yet: runc deletes it without being forced.
TEST_F(DeleteTest, CreatedContainerIsDeletedWithoutForce) {
  NACRE_PEER_DIFFERS(kCrun, "wants --force for a created container");
  bundle().probe({"pause"});
  const Container container = create(bundle());
  expect_success(runtime({"delete", container.id}).run());
  EXPECT_EQ(reap(container.pid), 128 + SIGKILL);
}

TEST_F(DeleteTest, ForceOfAPausedContainer) {
  const Container container = launch_idle();
  expect_success(runtime({"pause", container.id}).run());
  expect_success(runtime({"delete", "--force", container.id}).run());
  EXPECT_EQ(reap(container.pid), 128 + SIGKILL);
}

TEST_F(DeleteTest, TwiceIsAnError) {
  const Container container = launch({"exit", "0"});
  reap(container.pid);
  remove(container);
  expect_failure(runtime({"delete", container.id}).run(), 1, "does not exist");
}

// Pid 1 of a pid namespace does not end before everybody in it is reaped (pid_namespaces(7)): here
// a process of exec, which is this test's to reap.
TEST_F(DeleteTest, AnInitThatDoesNotEndIsSaidAndTheNextDeleteFinishes) {
  NACRE_PEER_DIFFERS(kRunc, "waits for the end of no process that it did not start");
  NACRE_PEER_DIFFERS(kCrun, "waits for the end of no process that it did not start");
  const Container container = launch_idle();
  const fs::path pid_file = work() / "exec.pid";
  expect_success(
      runtime({"exec", "--detach", "--pid-file", pid_file, container.id, "/probe", "pause"}).run());
  expect_failure(runtime({"delete", "--force", container.id}).run(), 1,
                 "container init still running: process " + std::to_string(container.pid));
  EXPECT_TRUE(fs::exists(state_root() / container.id));
  EXPECT_EQ(reap(std::stoi(read_text(pid_file))), 128 + SIGKILL);
  EXPECT_EQ(reap(container.pid), 128 + SIGKILL);
  remove(container);
}

TEST_F(DeleteTest, ForceKillsEveryProcessOfASharedPidNamespace) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 kills only the first process");
  bundle().without_namespace("pid");
  const Container container = launch({"fork-pause", "3", "setsid-pause", "pause"});
  container.out->until("setsid-pause");
  expect_success(runtime({"delete", "--force", container.id}).run());
  EXPECT_FALSE(fs::exists(cgroup_dir(container.id)));
}

// Containers make cgroups of their own (systemd, dockerd); they go with the container.
TEST_F(DeleteTest, SubCgroupsGoToo) {
  const Container container = launch_idle();
  fs::create_directories(cgroup_dir(container.id) / "inner/deeper");
  kill_and_reap(container);
  remove(container);
  EXPECT_FALSE(fs::exists(cgroup_dir(container.id)));
}

TEST_F(DeleteTest, AVanishedCgroupIsNoObstacle) {
  const Container container = launch_idle();
  kill_and_reap(container);
  ASSERT_EQ(::rmdir(cgroup_dir(container.id).c_str()), 0);
  remove(container);
}

TEST_F(DeleteTest, AVanishedBundleIsNoObstacle) {
  const Container container = launch_idle();
  kill_and_reap(container);
  fs::remove_all(bundle().path());
  remove(container);
}

}  // namespace
}  // namespace nacre::test
