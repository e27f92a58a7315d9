// Fields of runtime-spec 1.1 and later that shape how the process is run.
#include <sched.h>
#include <unistd.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

class SchedulingTest : public ContainerTest {
 protected:
  void SetUp() override {
    NACRE_PEER_DIFFERS(kRunc, "1.1 knows none of these fields");
    ContainerTest::SetUp();
  }
  json sched(const json& scheduler) {
    bundle().all_capabilities().process()["scheduler"] = scheduler;
    return probe({"sched"})["sched"];
  }
};

TEST_F(SchedulingTest, NiceValue) {
  const json got = sched({{"policy", "SCHED_OTHER"}, {"nice", 7}});
  EXPECT_EQ(got["policy"], SCHED_OTHER);
  EXPECT_EQ(got["nice"], 7);
}

TEST_F(SchedulingTest, Batch) {
  EXPECT_EQ(sched({{"policy", "SCHED_BATCH"}, {"nice", 5}})["policy"], SCHED_BATCH);
}

TEST_F(SchedulingTest, Idle) { EXPECT_EQ(sched({{"policy", "SCHED_IDLE"}})["policy"], SCHED_IDLE); }

TEST_F(SchedulingTest, RealTime) {
  const json got = sched({{"policy", "SCHED_FIFO"}, {"priority", 10}});
  EXPECT_EQ(got["policy"], SCHED_FIFO);
  EXPECT_EQ(got["priority"], 10);
  EXPECT_EQ(sched({{"policy", "SCHED_RR"}, {"priority", 3}})["policy"], SCHED_RR);
}

TEST_F(SchedulingTest, ResetOnFork) {
  const json got =
      sched({{"policy", "SCHED_OTHER"}, {"nice", 1}, {"flags", {"SCHED_FLAG_RESET_ON_FORK"}}});
  EXPECT_EQ(got["flags"].get<unsigned>() & 1U, 1U);
}

TEST_F(SchedulingTest, Deadline) {
  NACRE_PEER_DIFFERS(kCrun, "1.21 resets the CPU affinity after it, which the kernel refuses");
  const json got = sched({{"policy", "SCHED_DEADLINE"},
                          {"runtime", 1000000},
                          {"deadline", 2000000},
                          {"period", 2000000}});
  EXPECT_EQ(got["policy"], 6);
  EXPECT_EQ(got["runtime"], 1000000);
  EXPECT_EQ(got["deadline"], 2000000);
}

TEST_F(SchedulingTest, UnknownPolicyIsNamed) {
  bundle().process()["scheduler"] = {{"policy", "SCHED_NO_SUCH"}};
  expect_failure(run(), 1, "SCHED_NO_SUCH");
}

TEST_F(SchedulingTest, IoPriority) {
  bundle().all_capabilities().process()["ioPriority"] = {{"class", "IOPRIO_CLASS_BE"},
                                                         {"priority", 6}};
  const json got = probe({"ioprio"})["ioprio"];
  EXPECT_EQ(got["class"], 2);
  EXPECT_EQ(got["priority"], 6);
  bundle().process()["ioPriority"] = {{"class", "IOPRIO_CLASS_IDLE"}, {"priority", 0}};
  EXPECT_EQ(probe({"ioprio"})["ioprio"]["class"], 3);
}

TEST_F(SchedulingTest, Personality) {
  bundle().linux_section()["personality"] = {{"domain", "LINUX32"}};
  const Report report = probe({"personality", "host"});
  EXPECT_EQ(report["personality"]["personality"], 8);
  EXPECT_EQ(report["host"]["machine"], "i686");
}

TEST_F(SchedulingTest, MemoryPolicy) {
  NACRE_PEER_DIFFERS(kCrun, "memoryPolicy is runtime-spec 1.3; 1.8 to 1.21 do not know it");
  bundle().linux_section()["memoryPolicy"] = {{"mode", "MPOL_INTERLEAVE"}, {"nodes", "0"}};
  const json got = probe({"mempolicy"})["mempolicy"];
  EXPECT_EQ(got["mode"], 3);
  EXPECT_EQ(got["nodes"], 1);
}

TEST_F(SchedulingTest, ExecCpuAffinity) {
  NACRE_PEER_DIFFERS(kCrun, "execCPUAffinity is runtime-spec 1.2.1; older versions do not know it");
  if (::sysconf(_SC_NPROCESSORS_ONLN) < 2) GTEST_SKIP() << "one CPU only";
  bundle().process()["execCPUAffinity"] = {{"initial", "0"}, {"final", "1"}};
  const Container container = launch_idle();
  EXPECT_EQ(exec(container.id, {"affinity"})["affinity"]["cpus"], json({1}));
}

TEST_F(SchedulingTest, ExecCpuAffinityDoesNotTouchTheFirstProcess) {
  NACRE_PEER_DIFFERS(kCrun, "execCPUAffinity is runtime-spec 1.2.1; older versions do not know it");
  const json before = probe({"affinity"})["affinity"]["cpus"];
  bundle().process()["execCPUAffinity"] = {{"final", "0"}};
  EXPECT_EQ(probe({"affinity"})["affinity"]["cpus"], before);
}

}  // namespace
}  // namespace nacre::test
