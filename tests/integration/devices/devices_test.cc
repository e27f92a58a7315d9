// /dev: default nodes and links, extra devices, device rules.
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class DeviceTest : public ContainerTest {
 protected:
  json open_dev(const char* type, const char* major, const char* minor) {
    return probe({"open-dev", type, major, minor})["open-dev"];
  }
  void rules(json list) { bundle().linux_section()["resources"]["devices"] = std::move(list); }
};

TEST_F(DeviceTest, DefaultNodes) {
  struct Node {
    const char* path;
    unsigned minor;
  };
  for (const auto& [path, minor] :
       {Node{"/dev/null", 3}, Node{"/dev/zero", 5}, Node{"/dev/full", 7}, Node{"/dev/random", 8},
        Node{"/dev/urandom", 9}}) {
    const json info = probe({"stat", path})["stat"];
    EXPECT_EQ(info["type"], "char") << path;
    EXPECT_EQ(info["mode"], "0666") << path;
    EXPECT_EQ(info["major"], 1) << path;
    EXPECT_EQ(info["minor"], minor) << path;
  }
  const json tty = probe({"stat", "/dev/tty"})["stat"];
  EXPECT_EQ(tty["major"], 5);
  EXPECT_EQ(tty["minor"], 0);
}

TEST_F(DeviceTest, DefaultLinks) {
  const Report report = probe({"stat", "/dev/fd", "stat", "/dev/stdin", "stat", "/dev/stdout",
                               "stat", "/dev/stderr", "stat", "/dev/ptmx"});
  EXPECT_EQ(report.at("stat", 0)["target"], "/proc/self/fd");
  EXPECT_EQ(report.at("stat", 1)["target"], "/proc/self/fd/0");
  EXPECT_EQ(report.at("stat", 2)["target"], "/proc/self/fd/1");
  EXPECT_EQ(report.at("stat", 3)["target"], "/proc/self/fd/2");
  EXPECT_EQ(report.at("stat", 4)["target"], "pts/ptmx");
}

TEST_F(DeviceTest, CoreLeadsToTheKernelsMemoryWhereItIsShown) {
  const json core = probe({"stat", "/dev/core"})["stat"];
  if (fs::exists("/proc/kcore")) {
    EXPECT_EQ(core["target"], "/proc/kcore");
  } else {
    EXPECT_EQ(core["error"], "ENOENT");
  }
}

TEST_F(DeviceTest, NothingElseInDev) {
  const auto names = probe({"ls", "/dev"})["ls"]["names"].get<std::vector<std::string>>();
  EXPECT_THAT(names, testing::IsSubsetOf({"console", "core", "fd", "full", "mqueue", "null", "ptmx",
                                          "pts", "random", "shm", "stderr", "stdin", "stdout",
                                          "tty", "urandom", "zero"}));
}

TEST_F(DeviceTest, TheyWork) {
  const Report report = probe({"write", "/dev/null", "x", "write", "/dev/full", "x", "open",
                               "/dev/urandom", "r", "open", "/dev/zero", "rw"});
  EXPECT_EQ(report.at("write", 0)["error"], "");
  EXPECT_EQ(report.at("write", 1)["error"], "ENOSPC");
  EXPECT_EQ(report.at("open", 0)["error"], "");
  EXPECT_EQ(report.at("open", 1)["error"], "");
}

TEST_F(DeviceTest, ExtraNode) {
  bundle().linux_section()["devices"] = {{{"path", "/dev/extra"},
                                          {"type", "c"},
                                          {"major", 1},
                                          {"minor", 5},
                                          {"fileMode", 0640},
                                          {"uid", 10},
                                          {"gid", 20}},
                                         {{"path", "/dev/deep/er/block"},
                                          {"type", "b"},
                                          {"major", 7},
                                          {"minor", 200},
                                          {"fileMode", 0600}},
                                         {{"path", "/dev/pipe"}, {"type", "p"}}};
  const Report report =
      probe({"stat", "/dev/extra", "stat", "/dev/deep/er/block", "stat", "/dev/pipe"});
  EXPECT_EQ(report.at("stat", 0)["type"], "char");
  EXPECT_EQ(report.at("stat", 0)["mode"], "0640");
  EXPECT_EQ(report.at("stat", 0)["uid"], 10);
  EXPECT_EQ(report.at("stat", 0)["gid"], 20);
  EXPECT_EQ(report.at("stat", 0)["minor"], 5);
  EXPECT_EQ(report.at("stat", 1)["type"], "block");
  EXPECT_EQ(report.at("stat", 1)["minor"], 200);
  EXPECT_EQ(report.at("stat", 2)["type"], "fifo");
}

TEST_F(DeviceTest, GivenDefaultNodeReplacesTheDefault) {
  NACRE_PEER_DIFFERS(kCrun, "keeps the default owner");
  NACRE_PEER_DIFFERS(kRunc, "1.1 forgets the device rule of a default node that is given");
  bundle().linux_section()["devices"] = {{{"path", "/dev/null"},
                                          {"type", "c"},
                                          {"major", 1},
                                          {"minor", 3},
                                          {"fileMode", 0600},
                                          {"uid", 5},
                                          {"gid", 6}}};
  const json info = probe({"stat", "/dev/null"})["stat"];
  EXPECT_EQ(info["mode"], "0600");
  EXPECT_EQ(info["uid"], 5);
}

TEST_F(DeviceTest, UnknownTypeIsAnError) {
  NACRE_PEER_DIFFERS(kCrun, "leaves the node out");
  bundle().linux_section()["devices"] = {
      {{"path", "/dev/x"}, {"type", "z"}, {"major", 1}, {"minor", 1}}};
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
}

TEST_F(DeviceTest, DenyAllStillAllowsTheDefaults) {
  rules({{{"allow", false}, {"access", "rwm"}}});
  EXPECT_EQ(open_dev("c", "1", "3")["read"], "");
  EXPECT_EQ(open_dev("c", "1", "5")["write"], "");
  // /dev/mem and the first SCSI disk: the nodes may be made (access m), and not opened.
  const json memory = open_dev("c", "1", "1");
  EXPECT_EQ(memory["mknod"], "");
  EXPECT_EQ(memory["read"], "EPERM");
  const json disk = open_dev("b", "8", "0");
  EXPECT_EQ(disk["read"], "EPERM");
  EXPECT_EQ(disk["write"], "EPERM");
}

TEST_F(DeviceTest, WithoutRulesNothingMoreIsAllowed) {
  NACRE_PEER_DIFFERS(kCrun, "1.21 installs no device program without rules");
  EXPECT_EQ(open_dev("c", "1", "1")["read"], "EPERM");
}

TEST_F(DeviceTest, AllowedDevice) {
  // 10:229 is FUSE; whether a driver answers is another matter than whether the cgroup allows it.
  rules({{{"allow", false}, {"access", "rwm"}},
         {{"allow", true}, {"type", "c"}, {"major", 10}, {"minor", 229}, {"access", "rwm"}}});
  EXPECT_NE(open_dev("c", "10", "229")["read"], "EPERM");
  EXPECT_EQ(open_dev("c", "10", "228")["read"], "EPERM");
}

TEST_F(DeviceTest, AccessBits) {
  rules({{{"allow", false}, {"access", "rwm"}},
         {{"allow", true}, {"type", "c"}, {"major", 10}, {"minor", 229}, {"access", "r"}}});
  const json fuse = open_dev("c", "10", "229");
  EXPECT_NE(fuse["read"], "EPERM");
  EXPECT_EQ(fuse["write"], "EPERM");
}

TEST_F(DeviceTest, WildcardMinor) {
  rules({{{"allow", false}, {"access", "rwm"}},
         {{"allow", true}, {"type", "c"}, {"major", 10}, {"access", "rwm"}}});
  EXPECT_NE(open_dev("c", "10", "229")["read"], "EPERM");
  EXPECT_NE(open_dev("c", "10", "200")["read"], "EPERM");
  EXPECT_EQ(open_dev("c", "1", "1")["read"], "EPERM");
}

TEST_F(DeviceTest, LaterRulesWin) {
  NACRE_PEER_DIFFERS(kRunc, "cannot take one device out of a wildcard");
  rules({{{"allow", false}, {"access", "rwm"}},
         {{"allow", true}, {"type", "c"}, {"major", 10}, {"access", "rwm"}},
         {{"allow", false}, {"type", "c"}, {"major", 10}, {"minor", 229}, {"access", "rwm"}}});
  EXPECT_EQ(open_dev("c", "10", "229")["read"], "EPERM");
  EXPECT_NE(open_dev("c", "10", "200")["read"], "EPERM");
}

TEST_F(DeviceTest, AllowAll) {
  rules({{{"allow", true}, {"access", "rwm"}}});
  EXPECT_NE(open_dev("b", "8", "0")["read"], "EPERM");
}

TEST_F(DeviceTest, RulesHoldForExecToo) {
  rules({{{"allow", false}, {"access", "rwm"}}});
  const Container container = launch_idle();
  EXPECT_EQ(exec(container.id, {"open-dev", "c", "1", "1"})["open-dev"]["read"], "EPERM");
}

TEST_F(DeviceTest, OnATmpfsOfTheImageItself) {
  // No mount at /dev at all: the nodes are made in the root filesystem.
  for (const char* path : {"/dev/mqueue", "/dev/shm", "/dev/pts", "/dev"})
    bundle().without_mount(path);
  const Report report = probe({"stat", "/dev/null", "write", "/dev/null", "x"});
  EXPECT_EQ(report["stat"]["type"], "char");
  EXPECT_EQ(report["write"]["error"], "");
}

// Docker and podman bind the host's /dev for privileged containers: the runtime must not touch it.
TEST_F(DeviceTest, BoundDevIsLeftAlone) {
  for (const char* path : {"/dev/mqueue", "/dev/shm", "/dev/pts", "/dev"})
    bundle().without_mount(path);
  const fs::path dev = work() / "dev";
  fs::create_directories(dev);
  ASSERT_EQ(::mknod((dev / "null").c_str(), S_IFCHR | 0600, makedev(1, 3)), 0);
  bundle().bind(dev, "/dev");
  const Report report = probe({"stat", "/dev/null", "ls", "/dev"});
  EXPECT_EQ(report["stat"]["mode"], "0600");
  EXPECT_EQ(report["ls"]["names"], json({"null"}));
}

}  // namespace
}  // namespace nacre::test
