// User namespaces made and joined by root, with several mappings.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class UserNamespaceTest : public ContainerTest {
 protected:
  // ids 0..65535 of the container are 100000.. of the host.
  Bundle& mapped(Bundle& bundle) {
    bundle.with_namespace("user");
    bundle.linux_section()["uidMappings"] = {
        {{"containerID", 0}, {"hostID", 100000}, {"size", 65536}}};
    bundle.linux_section()["gidMappings"] = {
        {{"containerID", 0}, {"hostID", 200000}, {"size", 65536}}};
    give(bundle.rootfs());
    return bundle;
  }
  static void give(const fs::path& tree) {
    ::lchown(tree.c_str(), 100000, 200000);
    for (const auto& entry : fs::recursive_directory_iterator(tree)) {
      ::lchown(entry.path().c_str(), 100000, 200000);
    }
  }
};

TEST_F(UserNamespaceTest, IdsAreMapped) {
  mapped(bundle());
  const Report report = probe({"id", "read", "/proc/self/uid_map", "read", "/proc/self/gid_map",
                               "create", "/data/file", "x", "stat", "/data/file"});
  EXPECT_EQ(report["id"]["uid"], 0);
  EXPECT_THAT(report.at("read", 0).value("data", ""), testing::ContainsRegex("0 +100000 +65536"));
  EXPECT_THAT(report.at("read", 1).value("data", ""), testing::ContainsRegex("0 +200000 +65536"));
  EXPECT_EQ(report["stat"]["uid"], 0);
  struct stat info{};
  ASSERT_EQ(::stat((bundle().rootfs() / "data/file").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 100000U);
  EXPECT_EQ(info.st_gid, 200000U);
}

TEST_F(UserNamespaceTest, ProcessIsAnOrdinaryUserOfTheHost) {
  mapped(bundle());
  const Container container = launch_idle();
  struct stat info{};
  ASSERT_EQ(::stat(("/proc/" + std::to_string(container.pid)).c_str(), &info), 0);
  const std::string status = read_text("/proc/" + std::to_string(container.pid) + "/status");
  EXPECT_THAT(status, HasSubstr("Uid:\t100000\t100000\t100000\t100000\n"));
  EXPECT_THAT(status, HasSubstr("Gid:\t200000\t200000\t200000\t200000\n"));
}

TEST_F(UserNamespaceTest, AllMountTypesWork) {
  mapped(bundle());
  const Report report = probe({"mounts", "statfs", "/proc", "statfs", "/sys", "statfs", "/dev",
                               "statfs", "/dev/pts", "statfs", "/dev/mqueue"});
  for (const char* target : {"/proc", "/sys", "/dev", "/dev/pts", "/dev/mqueue", "/dev/shm"}) {
    EXPECT_TRUE(report.mount_at(target).is_object()) << target;
  }
}

TEST_F(UserNamespaceTest, DeviceNodesAreUsable) {
  mapped(bundle());
  const Report report =
      probe({"write", "/dev/null", "x", "read", "/dev/full", "stat", "/dev/null"});
  EXPECT_EQ(report["write"]["error"], "");
  EXPECT_EQ(report["stat"]["type"], "char");
}

TEST_F(UserNamespaceTest, CapabilitiesDoNotReachTheHost) {
  mapped(bundle()).all_capabilities();
  const Report report = probe({"mknod", "/data/disk", "b", "8", "0", "sysctl", "kernel.hostname",
                               "write", "/proc/sys/kernel/printk_ratelimit", "5"});
  EXPECT_EQ(report["mknod"]["error"], "EPERM");
  EXPECT_THAT(report["write"].value("error", ""), testing::AnyOf("EACCES", "EPERM", "EROFS"));
}

TEST_F(UserNamespaceTest, SeveralMappingsAndAnotherUser) {
  mapped(bundle());
  bundle().linux_section()["uidMappings"] = {
      {{"containerID", 0}, {"hostID", 100000}, {"size", 1000}},
      {{"containerID", 1000}, {"hostID", 300000}, {"size", 10}},
      {{"containerID", 5000}, {"hostID", 400000}, {"size", 1}}};
  bundle().user(5000, 7);
  const Report report = probe({"id", "create", "/tmp/mine", "x"});
  EXPECT_EQ(report["id"]["uid"], 5000);
  struct stat info{};
  ASSERT_EQ(::stat((bundle().rootfs() / "tmp/mine").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 400000U);
  EXPECT_EQ(info.st_gid, 200007U);
}

TEST_F(UserNamespaceTest, UserOutsideTheMappingIsAnError) {
  mapped(bundle()).user(70000, 70000);
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
}

TEST_F(UserNamespaceTest, OverlappingMappingsAreAnError) {
  mapped(bundle());
  bundle().linux_section()["uidMappings"] = {
      {{"containerID", 0}, {"hostID", 100000}, {"size", 10}},
      {{"containerID", 5}, {"hostID", 200000}, {"size", 10}}};
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
}

TEST_F(UserNamespaceTest, JoinedByPath) {
  mapped(bundle());
  const Container holder = launch_idle();
  Bundle& second = mapped(new_bundle("second"));
  second.with_namespace("user", "/proc/" + std::to_string(holder.pid) + "/ns/user");
  const std::string expected = exec(holder.id, {"ns"})["ns"]["user"];
  const Report report = probe(second, {"ns", "id"});
  EXPECT_EQ(report["ns"]["user"], expected);
  EXPECT_EQ(report["id"]["uid"], 0);
}

TEST_F(UserNamespaceTest, JoinedByPathWithoutMappings) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 wants the mappings repeated");
  mapped(bundle());
  const Container holder = launch_idle();
  Bundle& second = mapped(new_bundle("second"));
  second.linux_section().erase("uidMappings");
  second.linux_section().erase("gidMappings");
  second.with_namespace("user", "/proc/" + std::to_string(holder.pid) + "/ns/user");
  EXPECT_EQ(probe(second, {"id"})["id"]["uid"], 0);
}

TEST_F(UserNamespaceTest, ExecJoinsIt) {
  mapped(bundle());
  const Container container = launch_idle();
  const Report report = exec(container.id, {"id", "ns", "create", "/data/by-exec", "x"});
  EXPECT_EQ(report["id"]["uid"], 0);
  struct stat info{};
  ASSERT_EQ(::stat((bundle().rootfs() / "data/by-exec").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 100000U);
}

TEST_F(UserNamespaceTest, TimeNamespaceBesideIt) {
  NACRE_PEER_DIFFERS(kCrun, "1.21 may not write the offsets there");
  NACRE_PEER_DIFFERS(kRunc, "1.1 knows no time namespace (runtime-spec 1.1)");
  mapped(bundle()).with_namespace("time");
  bundle().linux_section()["timeOffsets"]["boottime"] = {{"secs", 3000000}, {"nanosecs", 0}};
  EXPECT_GE(probe({"timens"})["timens"]["boottime"].get<long>(), 3000000);
}

}  // namespace
}  // namespace nacre::test
