// Where the container's cgroup is, and that limits mean what they say: proved by what happens to a
// process. Without the controller in cgroup v2 a test says so and runs in tests/vm.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class CgroupTest : public ContainerTest {
 protected:
  json& resources() { return bundle().linux_section()["resources"]; }
  // The v2 path of a process, as the host sees it.
  static std::string cgroup_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cgroup");
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("0::")) return line.substr(3);
    }
    return {};
  }
  std::string setting(const std::string& id, const std::string& file) {
    std::string text = read_text(cgroup_dir(id) / file);
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }
};

TEST_F(CgroupTest, AbsolutePathIsBelowTheRootOfTheHierarchy) {
  const Container container = launch_idle();
  EXPECT_EQ(cgroup_of(container.pid), cgroup_parent() + "/" + container.id);
}

TEST_F(CgroupTest, DeepPathsAreMade) {
  bundle().linux_section()["cgroupsPath"] = cgroup_parent() + "/a/b/c/leaf";
  const Container container = launch_idle();
  EXPECT_EQ(cgroup_of(container.pid), cgroup_parent() + "/a/b/c/leaf");
  kill_and_reap(container);
  remove(container);
  EXPECT_FALSE(fs::exists("/sys/fs/cgroup" + cgroup_parent() + "/a/b/c/leaf"));
  // The parents were the caller's wish, and are the caller's to remove.
  for (const char* path : {"/a/b/c", "/a/b", "/a"}) {
    ::rmdir(("/sys/fs/cgroup" + cgroup_parent() + path).c_str());
  }
}

TEST_F(CgroupTest, WithoutAPathTheIdNamesIt) {
  bundle().probe({"say", "here", "pause"});
  bundle().linux_section()["cgroupsPath"] = "";
  const Container container = create(bundle());
  EXPECT_THAT(cgroup_of(container.pid), HasSubstr(container.id));
  expect_success(runtime({"delete", "--force", container.id}).run());
}

TEST_F(CgroupTest, PathWithDotDotStaysInTheHierarchy) {
  bundle().linux_section()["cgroupsPath"] =
      cgroup_parent() + "/../../../../.." + cgroup_parent() + "/leaf";
  if (!is_peer()) {
    expect_failure(run(), 1, "linux.cgroupsPath");
    return;
  }
  // The peers clean the path instead.
  const Container container = launch_idle();
  EXPECT_THAT(cgroup_of(container.pid), testing::EndsWith(cgroup_parent() + "/leaf"));
}

TEST_F(CgroupTest, NoLimitsAskedRunsEverywhere) { EXPECT_EQ(probe({"id"})["id"]["uid"], 0); }

// A silence here would be a guarantee that nobody keeps.
TEST_F(CgroupTest, LimitThatCannotBeSetNamesTheController) {
  struct Case {
    const char* controller;
    json resources;
  };
  const std::vector<Case> cases = {{"memory", {{"memory", {{"limit", 100 << 20}}}}},
                                   {"pids", {{"pids", {{"limit", 10}}}}},
                                   {"cpu", {{"cpu", {{"quota", 50000}, {"period", 100000}}}}},
                                   {"cpuset", {{"cpu", {{"cpus", "0"}}}}},
                                   {"io", {{"blockIO", {{"weight", 100}}}}}};
  int missing = 0;
  for (const auto& [controller, limits] : cases) {
    if (has_controller(controller)) continue;
    ++missing;
    resources() = limits;
    const Outcome outcome = run();
    if (is_peer()) {
      EXPECT_NE(outcome.exit_code, 0) << controller;
    } else {
      expect_failure(outcome, 1, controller);
    }
  }
  if (missing == 0) GTEST_SKIP() << "every controller is in cgroup v2 here";
}

TEST_F(CgroupTest, HybridHostWithLimitsIsAnErrorAndWithoutItRuns) {
  if (!host_is_hybrid()) GTEST_SKIP() << "this host has no cgroup v1 hierarchies";
  NACRE_PEER_DIFFERS(kRunc, "uses the v1 hierarchies");
  NACRE_PEER_DIFFERS(kCrun, "refuses the layout");
  const auto in_host_layout = [this](const std::string& id) {
    prepare(bundle(), id);
    return runtime({"run", "--bundle", bundle().path(), id})
        .before_exec([] {
          if (::unshare(CLONE_NEWNS) != 0 || ::umount2("/sys/fs/cgroup", MNT_DETACH) != 0 ||
              ::mount(kHybridCgroups, "/sys/fs/cgroup", nullptr, MS_BIND | MS_REC, nullptr) != 0) {
            ::_exit(125);
          }
        })
        .run();
  };
  bundle().probe({"read", "/proc/self/cgroup"});
  const Outcome runs = in_host_layout(new_id());
  EXPECT_EQ(runs.exit_code, 0) << describe(runs);
  resources()["memory"]["limit"] = 100 << 20;
  const Outcome refused = in_host_layout(new_id());
  expect_failure(refused, 1, "memory");
}

TEST_F(CgroupTest, PidsLimitStopsAForkBomb) {
  NACRE_REQUIRE_CONTROLLER("pids");
  resources()["pids"]["limit"] = 8;
  const json bomb = probe({"forkbomb", "100"})["forkbomb"];
  EXPECT_EQ(bomb["error"], "EAGAIN");
  EXPECT_EQ(bomb["children"], 7);
}

TEST_F(CgroupTest, PidsLimitOfNoneIsNone) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 writes the file even for no limit");
  resources()["pids"]["limit"] = -1;
  EXPECT_EQ(probe({"forkbomb", "50"})["forkbomb"]["children"], 50);
}

TEST_F(CgroupTest, MemoryLimitKills) {
  NACRE_REQUIRE_CONTROLLER("memory");
  resources()["memory"] = {{"limit", 64 << 20}, {"swap", 64 << 20}};
  bundle().probe({"memhog", std::to_string(256 << 20)});
  EXPECT_EQ(run().exit_code, 137);
  // Well below it nothing happens.
  EXPECT_EQ(probe({"memhog", std::to_string(16 << 20)})["memhog"]["error"], "");
}

TEST_F(CgroupTest, MemorySwapLimit) {
  NACRE_REQUIRE_CONTROLLER("memory");
  resources()["memory"] = {{"limit", 64 << 20}, {"swap", 96 << 20}, {"reservation", 32 << 20}};
  const Container container = launch_idle();
  EXPECT_EQ(setting(container.id, "memory.max"), std::to_string(64 << 20));
  EXPECT_EQ(setting(container.id, "memory.low"), std::to_string(32 << 20));
  if (fs::exists(cgroup_dir(container.id) / "memory.swap.max")) {
    // The spec's number is memory and swap together (cgroup v1); v2 counts swap alone.
    EXPECT_EQ(setting(container.id, "memory.swap.max"), std::to_string(32 << 20));
  }
}

TEST_F(CgroupTest, ContainerStartsInATinyLimit) {
  NACRE_REQUIRE_CONTROLLER("memory");
  NACRE_PEER_DIFFERS(kRunc, "needs several megabytes for itself");
  resources()["memory"]["limit"] = 4 << 20;
  EXPECT_EQ(probe({"id"})["id"]["uid"], 0);
}

TEST_F(CgroupTest, OutOfMemoryDuringTheStartIsSaid) {
  NACRE_REQUIRE_CONTROLLER("memory");
  resources()["memory"]["limit"] = 4096;
  const Outcome outcome = run();
  EXPECT_NE(outcome.exit_code, 0);
  if (is_peer()) return;
  expect_failure(outcome, 1, "memory limit too low");
}

TEST_F(CgroupTest, CpuQuotaThrottles) {
  NACRE_REQUIRE_CONTROLLER("cpu");
  resources()["cpu"] = {{"quota", 20000}, {"period", 100000}};
  bundle().probe({"burn", "400", "pause"});
  const Container container = create(bundle());
  start(container);
  const Report report = Report::parse(container.out->until("wall_ms"));
  // A fifth of a CPU: 400 ms of work take 2 s. Half of that leaves room for the kernel's slack.
  EXPECT_GE(report["burn"]["wall_ms"].get<int>(), 1000) << report["burn"];
  EXPECT_THAT(setting(container.id, "cpu.stat"), testing::ContainsRegex("nr_throttled [1-9]"));
}

TEST_F(CgroupTest, CpuSharesBecomeAWeight) {
  NACRE_REQUIRE_CONTROLLER("cpu");
  // Not the default of 1024: that is what a cgroup has anyway, and asks for no controller.
  resources()["cpu"]["shares"] = 2048;
  const Container container = launch_idle();
  // The old linear formula gives 79; the one of 2025 (docs of runc 1.3, crun 1.23) gives 174.
  EXPECT_EQ(setting(container.id, "cpu.weight"),
            is_peer() ? setting(container.id, "cpu.weight") : "174");
}

TEST_F(CgroupTest, CpuIdle) {
  NACRE_REQUIRE_CONTROLLER("cpu");
  NACRE_PEER_DIFFERS(kRunc, "1.1 does not know cpu.idle");
  NACRE_PEER_DIFFERS(kCrun, "1.8 does not know cpu.idle");
  resources()["cpu"]["idle"] = 1;
  const Container container = launch_idle();
  EXPECT_EQ(setting(container.id, "cpu.idle"), "1");
}

TEST_F(CgroupTest, CpusetConfines) {
  NACRE_REQUIRE_CONTROLLER("cpuset");
  resources()["cpu"] = {{"cpus", "0"}, {"mems", "0"}};
  EXPECT_EQ(probe({"affinity"})["affinity"]["cpus"], json({0}));
}

TEST_F(CgroupTest, IoLimitSlowsWrites) {
  NACRE_REQUIRE_CONTROLLER("io");
  struct stat info{};
  ASSERT_EQ(::stat(work().c_str(), &info), 0);
  const fs::path queue = "/sys/dev/block/" + std::to_string(major(info.st_dev)) + ":" +
                         std::to_string(minor(info.st_dev)) + "/queue";
  if (!fs::exists(queue)) GTEST_SKIP() << work() << " is on no block device of its own";
  resources()["blockIO"]["throttleWriteBpsDevice"] = {
      {{"major", major(info.st_dev)}, {"minor", minor(info.st_dev)}, {"rate", 1 << 20}}};
  const json write = probe({"io-write", "/data/file", std::to_string(3 << 20)})["io-write"];
  ASSERT_EQ(write["error"], "") << write;
  EXPECT_GE(write["wall_ms"].get<int>(), 1500) << write;
}

TEST_F(CgroupTest, IoWeight) {
  NACRE_REQUIRE_CONTROLLER("io");
  resources()["blockIO"]["weight"] = 500;
  const Outcome outcome = run();
  // The file exists only with BFQ or iocost; refusing it must say so.
  if (outcome.exit_code == 0) return;
  EXPECT_THAT(outcome.err, testing::AnyOf(HasSubstr("io.weight"), HasSubstr("io.bfq.weight")));
}

TEST_F(CgroupTest, UnifiedIsWrittenVerbatimAndLast) {
  NACRE_REQUIRE_CONTROLLER("memory");
  resources()["memory"]["limit"] = 64 << 20;
  resources()["unified"] = {{"memory.high", "33554432"}, {"memory.max", "50331648"}};
  const Container container = launch_idle();
  EXPECT_EQ(setting(container.id, "memory.high"), "33554432");
  EXPECT_EQ(setting(container.id, "memory.max"), "50331648");
}

TEST_F(CgroupTest, UnifiedOfACoreFile) {
  resources()["unified"] = {{"cgroup.max.descendants", "5"}};
  const Container container = launch_idle();
  EXPECT_EQ(setting(container.id, "cgroup.max.descendants"), "5");
}

TEST_F(CgroupTest, UnifiedUnknownFileIsNamed) {
  resources()["unified"] = {{"memory.no_such_file", "1"}};
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("memory"));
}

TEST_F(CgroupTest, UnifiedKeyMayNotLeaveTheCgroup) {
  for (const char* key : {"../cgroup.procs", "a/b", "/etc/passwd", "..", ""}) {
    resources()["unified"] = {{key, "1"}};
    EXPECT_EQ(run().exit_code, 1) << key;
  }
}

TEST_F(CgroupTest, ExistingCgroupWithProcessesIsRefused) {
  const Container container = launch_idle();
  Bundle& second = new_bundle("second");
  second.linux_section()["cgroupsPath"] = cgroup_parent() + "/" + container.id;
  NACRE_PEER_DIFFERS(kRunc, "1.1 only warns");
  NACRE_PEER_DIFFERS(kCrun, "joins it");
  expect_failure(run_bundle(second, new_id()), 1,
                 "container's cgroup is not empty: 1 process(es) found");
  EXPECT_EQ(status(container.id), "running");
}

TEST_F(CgroupTest, ExistingEmptyCgroupIsUsed) {
  const std::string path = cgroup_parent() + "/ready-made";
  fs::create_directories("/sys/fs/cgroup" + path);
  bundle().linux_section()["cgroupsPath"] = path;
  EXPECT_EQ(probe({"id"})["id"]["uid"], 0);
}

TEST_F(CgroupTest, FrozenCgroupIsRefused) {
  NACRE_PEER_DIFFERS(kCrun, "does not look");
  const std::string path = cgroup_parent() + "/frozen";
  fs::create_directories("/sys/fs/cgroup" + path);
  write_text("/sys/fs/cgroup" + path + "/cgroup.freeze", "1");
  bundle().linux_section()["cgroupsPath"] = path;
  const Outcome outcome = run();
  ::rmdir(("/sys/fs/cgroup" + path).c_str());
  expect_failure(outcome, 1, "unexpectedly frozen");
}

// With a writable cgroup mount in a user namespace the container's root manages its own tree.
TEST_F(CgroupTest, DelegationToTheContainersRoot) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 delegates only through systemd");
  bundle().with_namespace("user");
  bundle().linux_section()["uidMappings"] = {
      {{"containerID", 0}, {"hostID", 100000}, {"size", 65536}}};
  bundle().linux_section()["gidMappings"] = {
      {{"containerID", 0}, {"hostID", 100000}, {"size", 65536}}};
  for (const auto& entry : fs::recursive_directory_iterator(bundle().rootfs())) {
    ::lchown(entry.path().c_str(), 100000, 100000);
  }
  ::lchown(bundle().rootfs().c_str(), 100000, 100000);
  bundle().mount({{"destination", "/sys/fs/cgroup"},
                  {"type", "cgroup"},
                  {"source", "cgroup"},
                  {"options", {"nosuid", "noexec", "nodev", "rw"}}});
  NACRE_PEER_DIFFERS(kCrun, "delegates only through systemd");
  const Report report =
      probe({"mkdir", "/sys/fs/cgroup/inner", "write", "/sys/fs/cgroup/inner/cgroup.procs", "1",
             "stat", "/sys/fs/cgroup/cgroup.procs"});
  EXPECT_EQ(report["mkdir"]["error"], "");
  EXPECT_EQ(report["write"]["error"], "");
  EXPECT_EQ(report["stat"]["uid"], 0);
}

TEST_F(CgroupTest, ReadOnlyCgroupMountIsNotDelegated) {
  bundle().with_namespace("user");
  bundle().linux_section()["uidMappings"] = {
      {{"containerID", 0}, {"hostID", 100000}, {"size", 65536}}};
  bundle().linux_section()["gidMappings"] = {
      {{"containerID", 0}, {"hostID", 100000}, {"size", 65536}}};
  for (const auto& entry : fs::recursive_directory_iterator(bundle().rootfs())) {
    ::lchown(entry.path().c_str(), 100000, 100000);
  }
  ::lchown(bundle().rootfs().c_str(), 100000, 100000);
  const Container container = launch_idle();
  struct stat info{};
  ASSERT_EQ(::stat(cgroup_dir(container.id).c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 0U);
}

TEST_F(CgroupTest, HugepageLimit) {
  NACRE_REQUIRE_CONTROLLER("hugetlb");
  resources()["hugepageLimits"] = {{{"pageSize", "2MB"}, {"limit", 4 << 20}}};
  const Container container = launch_idle();
  EXPECT_EQ(setting(container.id, "hugetlb.2MB.max"), std::to_string(4 << 20));
  NACRE_PEER_DIFFERS(kCrun, "never writes the rsvd file");
  NACRE_PEER_DIFFERS(kRunc, "1.1 does not write the rsvd file");
  EXPECT_EQ(setting(container.id, "hugetlb.2MB.rsvd.max"), std::to_string(4 << 20));
}

TEST_F(CgroupTest, UnknownHugepageSizeIsAnError) {
  NACRE_REQUIRE_CONTROLLER("hugetlb");
  resources()["hugepageLimits"] = {{{"pageSize", "3MB"}, {"limit", 4 << 20}}};
  EXPECT_EQ(run().exit_code, 1);
}

}  // namespace
}  // namespace nacre::test
