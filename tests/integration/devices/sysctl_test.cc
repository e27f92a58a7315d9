// linux.sysctl: only what belongs to a namespace of the container.
#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

class SysctlTest : public ContainerTest {
 protected:
  void set(const std::string& key, const std::string& value) {
    bundle().linux_section()["sysctl"][key] = value;
  }
};

TEST_F(SysctlTest, NetworkKey) {
  set("net.core.somaxconn", "777");
  EXPECT_EQ(probe({"sysctl", "net.core.somaxconn"})["sysctl"]["value"], "777");
  EXPECT_NE(read_text("/proc/sys/net/core/somaxconn"), "777\n") << "set outside of the container";
}

TEST_F(SysctlTest, SlashesAsSeparators) {
  set("net/core/somaxconn", "778");
  EXPECT_EQ(probe({"sysctl", "net.core.somaxconn"})["sysctl"]["value"], "778");
}

TEST_F(SysctlTest, IpcKeys) {
  set("kernel.shmmax", "16777216");
  set("kernel.sem", "10 20 30 40");
  set("fs.mqueue.msg_max", "7");
  const Report report =
      probe({"sysctl", "kernel.shmmax", "sysctl", "kernel.sem", "sysctl", "fs.mqueue.msg_max"});
  EXPECT_EQ(report.at("sysctl", 0)["value"], "16777216");
  EXPECT_EQ(report.at("sysctl", 1)["value"], "10\t20\t30\t40");
  EXPECT_EQ(report.at("sysctl", 2)["value"], "7");
}

TEST_F(SysctlTest, DomainnameWithAUtsNamespace) {
  set("kernel.domainname", "by-sysctl");
  EXPECT_EQ(probe({"host"})["host"]["domainname"], "by-sysctl");
}

TEST_F(SysctlTest, NeedsItsNamespace) {
  bundle().without_namespace("network").without_mount("/sys");
  set("net.ipv4.ip_forward", "1");
  NACRE_PEER_DIFFERS(kCrun, "1.21 words it differently, and refuses it all the same");
  expect_failure(run(), 1, "net.ipv4.ip_forward");
}

TEST_F(SysctlTest, IpcKeyNeedsTheIpcNamespace) {
  bundle().without_namespace("ipc").without_mount("/dev/mqueue");
  set("kernel.shmmax", "16777216");
  expect_failure(run(), 1, "kernel.shmmax");
}

// CVE-2022-0811 class: keys outside of a namespace, or ones that try to become another path.
TEST_F(SysctlTest, HostWideKeysAreRefused) {
  for (const char* key :
       {"kernel.core_pattern", "kernel.printk", "vm.swappiness", "kernel.hostname/../printk",
        "net.../kernel/printk", "net/../kernel/printk", "net.ipv4.conf.../../../kernel.printk",
        "fs.file-max", "kernel.shm_rmid_forced+kernel.core_pattern", "", ".", "net/..",
        "/net/core"}) {
    bundle().linux_section()["sysctl"] = {{key, "1"}};
    const Outcome outcome = run();
    EXPECT_EQ(outcome.exit_code, 1) << "key \"" << key << "\" " << describe(outcome);
  }
}

TEST_F(SysctlTest, UnknownKeyIsNamed) {
  set("net.no.such.key", "1");
  expect_failure(run(), 1, "no such file or directory");
}

TEST_F(SysctlTest, ValueTheKernelRefuses) {
  set("net.ipv4.ip_forward", "no-number");
  expect_failure(run(), 1, "invalid argument");
}

}  // namespace
}  // namespace nacre::test
