// state, pause, resume, ps: what a caller is told about a container.
#include <signal.h>
#include <sys/wait.h>

#include <regex>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

using testing::HasSubstr;

class StateTest : public ContainerTest {};

TEST_F(StateTest, FieldsOfACreatedContainer) {
  bundle().probe({"pause"});
  bundle().config()["annotations"] = {{"org.example.key", "value"}};
  const Container container = create(bundle());
  const json now = state(container.id);
  EXPECT_EQ(now["id"], container.id);
  EXPECT_EQ(now["pid"], container.pid);
  EXPECT_EQ(now["status"], "created");
  EXPECT_EQ(now["bundle"], bundle().path().string());
  EXPECT_EQ(now["rootfs"], bundle().rootfs().string());
  EXPECT_EQ(now["annotations"]["org.example.key"], "value");
  EXPECT_THAT(now.value("ociVersion", ""), HasSubstr("1."));
  EXPECT_EQ(now.value("owner", "missing"), is_peer() ? now.value("owner", "missing") : "");
  const std::regex rfc3339(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))");
  EXPECT_TRUE(std::regex_match(now.value("created", ""), rfc3339)) << now;
}

TEST_F(StateTest, OutputIsIndentedByTwo) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  const Outcome outcome = runtime({"state", container.id}).run();
  EXPECT_THAT(outcome.out, testing::StartsWith("{\n  \"ociVersion\": \"1."));
}

TEST_F(StateTest, AnnotationsAreLeftOutWhenThereAreNone) {
  NACRE_PEER_DIFFERS(kCrun, "1.21 prints an empty object");
  bundle().probe({"pause"});
  const Container container = create(bundle());
  EXPECT_FALSE(state(container.id).contains("annotations"));
}

TEST_F(StateTest, RunningStoppedAndPid) {
  const Container container = launch_idle();
  EXPECT_EQ(status(container.id), "running");
  EXPECT_EQ(state(container.id)["pid"], container.pid);
  kill_and_reap(container);
  const json now = state(container.id);
  EXPECT_EQ(now["status"], "stopped");
  EXPECT_EQ(now["pid"], 0);
}

// A zombie has ended, whoever has yet to reap it.
TEST_F(StateTest, ZombieCountsAsStopped) {
  const Container container = launch({"exit", "3"});
  container.out->rest();
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(container.pid), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(status(container.id), "stopped");
  EXPECT_EQ(reap(container.pid), 3);
}

TEST_F(StateTest, MissingContainer) {
  expect_failure(runtime({"state", new_id()}).run(), 1, "container does not exist");
}

TEST_F(StateTest, PauseStopsAndResumeContinues) {
  const Container container = launch({"wait-signal", "say", "woke"});
  container.out->until("ready");
  expect_success(runtime({"pause", container.id}).run());
  EXPECT_EQ(status(container.id), "paused");
  EXPECT_THAT(read_text(cgroup_dir(container.id) / "cgroup.events"), HasSubstr("frozen 1"));
  expect_success(runtime({"kill", container.id, "USR1"}).run());
  EXPECT_EQ(status(container.id), "paused");
  expect_success(runtime({"resume", container.id}).run());
  EXPECT_EQ(Report::parse(container.out->rest())["wait-signal"]["signal"], SIGUSR1);
  reap(container.pid);
}

TEST_F(StateTest, PauseOfACreatedContainerIsAllowed) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  expect_success(runtime({"pause", container.id}).run());
  expect_success(runtime({"resume", container.id}).run());
}

TEST_F(StateTest, PauseOfAStoppedContainer) {
  const Container container = launch({"exit", "0"});
  reap(container.pid);
  expect_failure(runtime({"pause", container.id}).run(), 1, "container not running");
}

TEST_F(StateTest, ResumeOfAContainerThatIsNotPaused) {
  const Container container = launch_idle();
  expect_failure(runtime({"resume", container.id}).run(), 1, "container not paused");
}

TEST_F(StateTest, PsJsonListsHostPids) {
  bundle().probe({"fork-pause", "2", "pause"});
  const Container container = create(bundle());
  start(container);
  container.out->until("fork-pause");
  const Outcome outcome = runtime({"ps", "--format", "json", container.id}).run();
  expect_success(outcome);
  const json pids = json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(pids.is_array()) << outcome.out;
  EXPECT_EQ(pids.size(), 3U);
  EXPECT_THAT(pids.get<std::vector<int>>(), testing::Contains(container.pid));
  EXPECT_TRUE(outcome.out.ends_with("]\n")) << outcome.out;
}

TEST_F(StateTest, PsSeesSubCgroups) {
  NACRE_PEER_DIFFERS(kCrun, "1.8.1 lists the container's own cgroup only");
  bundle().probe({"fork-pause", "1", "pause"});
  const Container container = create(bundle());
  start(container);
  container.out->until("]}\n");
  const std::filesystem::path inner = cgroup_dir(container.id) / "inner";
  std::filesystem::create_directories(inner);
  write_text(inner / "cgroup.procs", std::to_string(container.pid));
  const Outcome outcome = runtime({"ps", "-f", "json", container.id}).run();
  EXPECT_EQ(json::parse(outcome.out, nullptr, false).size(), 2U) << outcome.out;
}

TEST_F(StateTest, PsTableShowsTheContainersProcessesOnly) {
  NACRE_REQUIRE_PROGRAM("ps");
  NACRE_PEER_DIFFERS(kCrun, "prints pids only");
  const Container container = launch_idle();
  const Outcome outcome = runtime({"ps", container.id}).run();
  expect_success(outcome);
  EXPECT_THAT(outcome.out, HasSubstr("PID"));
  EXPECT_THAT(outcome.out, HasSubstr("/probe say here pause"));
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 2) << outcome.out;
}

TEST_F(StateTest, PsPassesItsArgumentsToPs) {
  NACRE_REQUIRE_PROGRAM("ps");
  NACRE_PEER_DIFFERS(kCrun, "takes no ps arguments");
  const Container container = launch_idle();
  const Outcome outcome = runtime({"ps", container.id, "-e", "-o", "pid,comm"}).run();
  expect_success(outcome);
  EXPECT_THAT(outcome.out,
              testing::ContainsRegex("COMMAND\n +" + std::to_string(container.pid) + " probe\n"));
}

TEST_F(StateTest, PsAfterTheEndIsEmpty) {
  const Container container = launch({"exit", "0"});
  reap(container.pid);
  const Outcome outcome = runtime({"ps", "-f", "json", container.id}).run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  const json pids = json::parse(outcome.out, nullptr, false);
  EXPECT_TRUE(pids.empty()) << outcome.out;
}

}  // namespace
}  // namespace nacre::test
