#include <gtest/gtest.h>

#include <functional>

#include "oci-spec/runtime/enums.h"
#include "oci-spec/runtime/validate.h"
#include "tests/unit/oci-spec/samples.h"

namespace nacre::oci {
namespace {

using test::IsInvalid;
using test::IsOk;

struct Case {
  std::function<void(Process&)> change;
  std::string message;  // empty: valid
};

void expect_all(const std::vector<Case>& cases) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    Process process = *test::small_spec().process;
    cases[i].change(process);
    if (cases[i].message.empty()) {
      EXPECT_THAT(validate_process(process), IsOk());
    } else {
      EXPECT_THAT(validate_process(process), IsInvalid(cases[i].message));
    }
  }
}

TEST(ValidateProcessTest, ArgsCwdEnv) {
  expect_all({
      {[](Process&) {}, ""},
      {[](Process& p) { p.args.clear(); }, "process.args: must not be empty"},
      {[](Process& p) { p.args = {"", "x"}; }, "process.args[0]: must not be empty"},
      {[](Process& p) { p.args = {"x", ""}; }, ""},
      {[](Process& p) { p.cwd.clear(); }, "process.cwd: must not be empty"},
      {[](Process& p) { p.cwd = "home/x"; }, "process.cwd: must be an absolute path"},
      {[](Process& p) { p.env = {"A=", "B=C=D"}; }, ""},
      {[](Process& p) { p.env = {"A=1", "B"}; },
       "process.env[1]: invalid environment variable: missing '='"},
      {[](Process& p) { p.env = {"=x"}; },
       "process.env[0]: invalid environment variable: name cannot be empty"},
      {[](Process& p) { p.env = {""}; },
       "process.env[0]: invalid environment variable: missing '='"},
  });
}

TEST(ValidateProcessTest, User) {
  expect_all({
      {[](Process& p) { p.user.uid = 4294967294; }, ""},
      {[](Process& p) { p.user.uid = 4294967295; }, "process.user.uid: 4294967295 is not an id"},
      {[](Process& p) { p.user.gid = 4294967295; }, "process.user.gid: 4294967295 is not an id"},
      {[](Process& p) { p.user.additional_gids = {1, 4294967295}; },
       "process.user.additionalGids[1]: 4294967295 is not an id"},
      {[](Process& p) { p.user.umask = 0777; }, ""},
      {[](Process& p) { p.user.umask = 01000; }, "process.user.umask: 512 is more than 0777"},
  });
}

TEST(ValidateProcessTest, Capabilities) {
  const auto set = [](Process& p) -> Capabilities& { return p.capabilities.emplace(); };
  expect_all({
      {[&](Process& p) { set(p).bounding = {"CAP_SYS_ADMIN", "CAP_OF_THE_FUTURE2"}; }, ""},
      {[&](Process& p) { set(p).bounding = {"CAP_KILL", "KILL"}; },
       "process.capabilities.bounding[1]: not a capability: \"KILL\""},
      {[&](Process& p) { set(p).effective = {"cap_kill"}; },
       "process.capabilities.effective[0]: not a capability: \"cap_kill\""},
      {[&](Process& p) { set(p).inheritable = {"CAP_"}; },
       "process.capabilities.inheritable[0]: not a capability: \"CAP_\""},
      {[&](Process& p) { set(p).permitted = {"CAP_KILL "}; },
       "process.capabilities.permitted[0]: not a capability: \"CAP_KILL \""},
      {[&](Process& p) { set(p).ambient = {""}; },
       "process.capabilities.ambient[0]: not a capability: \"\""},
  });
}

TEST(ValidateProcessTest, Rlimits) {
  expect_all({
      {[](Process& p) { p.rlimits = {{"RLIMIT_NOFILE", 1, 1}, {"RLIMIT_CORE", 0, 5}}; }, ""},
      {[](Process& p) { p.rlimits = {{"RLIMIT_NOFILES", 1, 1}}; },
       "process.rlimits[0].type: unknown limit \"RLIMIT_NOFILES\""},
      {[](Process& p) { p.rlimits = {{"NOFILE", 1, 1}}; },
       "process.rlimits[0].type: unknown limit \"NOFILE\""},
      {[](Process& p) { p.rlimits = {{"RLIMIT_CPU", 1, 1}, {"RLIMIT_CPU", 1, 1}}; },
       "process.rlimits[1]: RLIMIT_CPU is given twice"},
      {[](Process& p) { p.rlimits = {{"RLIMIT_CPU", 18446744073709551615U, 7}}; },
       "process.rlimits[0]: soft limit 18446744073709551615 is above the hard limit 7"},
  });
}

TEST(ValidateProcessTest, OomScore) {
  expect_all({
      {[](Process& p) { p.oom_score_adj = -1000; }, ""},
      {[](Process& p) { p.oom_score_adj = 1000; }, ""},
      {[](Process& p) { p.oom_score_adj = 1001; },
       "process.oomScoreAdj: 1001 is not within -1000 and 1000"},
      {[](Process& p) { p.oom_score_adj = -1001; },
       "process.oomScoreAdj: -1001 is not within -1000 and 1000"},
  });
}

TEST(ValidateProcessTest, Scheduler) {
  const auto with = [](Process& p, std::string policy) -> Scheduler& {
    p.scheduler.emplace().policy = std::move(policy);
    return *p.scheduler;
  };
  expect_all({
      {[&](Process& p) { with(p, ""); }, "process.scheduler.policy: scheduler policy is required"},
      {[&](Process& p) { with(p, "SCHED_NORMAL"); },
       "process.scheduler.policy: unknown policy \"SCHED_NORMAL\""},
      {[&](Process& p) { with(p, "SCHED_OTHER").nice = 19; }, ""},
      {[&](Process& p) { with(p, "SCHED_OTHER").nice = 20; },
       "process.scheduler.nice: 20 is not within -20 and 19"},
      {[&](Process& p) { with(p, "SCHED_BATCH").nice = -21; },
       "process.scheduler.nice: -21 is not within -20 and 19"},
      {[&](Process& p) { with(p, "SCHED_FIFO").priority = 50; }, ""},
      {[&](Process& p) { with(p, "SCHED_IDLE").priority = 1; },
       "process.scheduler.priority: can only be specified for the policies SCHED_FIFO and "
       "SCHED_RR"},
      {[&](Process& p) { with(p, "SCHED_DEADLINE").runtime = 1; }, ""},
      {[&](Process& p) { with(p, "SCHED_RR").period = 1; },
       "process.scheduler: runtime, deadline and period can only be specified for "
       "SCHED_DEADLINE"},
      {[&](Process& p) { with(p, "SCHED_RR").flags = {"SCHED_FLAG_RECLAIM", "RESET"}; },
       "process.scheduler.flags[1]: unknown flag \"RESET\""},
  });
}

TEST(ValidateProcessTest, IoPriority) {
  expect_all({
      {[](Process& p) { p.io_priority = IoPriority{"IOPRIO_CLASS_RT", 7}; }, ""},
      {[](Process& p) { p.io_priority = IoPriority{"IOPRIO_CLASS_NONE", 0}; },
       "process.ioPriority.class: invalid ioPriority.Class: \"IOPRIO_CLASS_NONE\""},
      {[](Process& p) { p.io_priority = IoPriority{"IOPRIO_CLASS_BE", 8}; },
       "process.ioPriority.priority: invalid ioPriority.Priority: 8"},
      {[](Process& p) { p.io_priority = IoPriority{"IOPRIO_CLASS_BE", -1}; },
       "process.ioPriority.priority: invalid ioPriority.Priority: -1"},
  });
}

TEST(ValidateProcessTest, CpuAffinity) {
  for (const std::string good : {"0", "0-3", "0-3,7", "7,0-3,3-3"}) {
    Process process = *test::small_spec().process;
    process.exec_cpu_affinity = CpuAffinity{good, ""};
    EXPECT_THAT(validate_process(process), IsOk()) << good;
  }
  for (const std::string bad :
       {",", "0,", "-1", "3-1", "0-", "a", "0 ,1", "0-1-2", "0\n", "4294967296"}) {
    Process process = *test::small_spec().process;
    process.exec_cpu_affinity = CpuAffinity{"", bad};
    EXPECT_THAT(test::message_of(validate_process(process)),
                testing::StartsWith("process.execCPUAffinity.final: not a list of CPUs: "));
    process.exec_cpu_affinity = CpuAffinity{bad, ""};
    EXPECT_THAT(test::message_of(validate_process(process)),
                testing::StartsWith("process.execCPUAffinity.initial: not a list of CPUs: "));
  }
}

}  // namespace
}  // namespace nacre::oci
