// mounts: what is mounted where, with which options, in which order.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class MountTest : public ContainerTest {
 protected:
  fs::path host_dir(const std::string& name = "source") {
    fs::create_directories(work() / name);
    return work() / name;
  }
  // A directory of the host with a tmpfs mounted in its sub-directory "inner".
  fs::path host_tree() {
    const fs::path dir = host_dir("tree");
    fs::create_directories(dir / "inner");
    EXPECT_EQ(::mount("tmpfs", (dir / "inner").c_str(), "tmpfs", 0, nullptr), 0);
    mounted_.push_back(dir / "inner");
    return dir;
  }
  void TearDown() override {
    for (const auto& path : mounted_) ::umount2(path.c_str(), MNT_DETACH);
    ContainerTest::TearDown();
  }
  std::vector<fs::path> mounted_;
};

TEST_F(MountTest, UsualOnes) {
  const Report report = probe({"mounts"});
  EXPECT_EQ(report.mount_at("/proc")["type"], "proc");
  EXPECT_EQ(report.mount_at("/dev")["type"], "tmpfs");
  EXPECT_EQ(report.mount_at("/dev/pts")["type"], "devpts");
  EXPECT_EQ(report.mount_at("/dev/shm")["type"], "tmpfs");
  EXPECT_EQ(report.mount_at("/dev/mqueue")["type"], "mqueue");
  EXPECT_EQ(report.mount_at("/sys")["type"], "sysfs");
  const json sys = report.mount_at("/sys");
  for (const char* option : {"ro", "nosuid", "nodev", "noexec"}) {
    EXPECT_TRUE(has_option(sys["options"], option)) << option << " " << sys;
  }
  EXPECT_TRUE(has_option(report.mount_at("/dev")["options"], "nosuid"));
}

TEST_F(MountTest, NothingOfTheHostIsVisible) {
  const Report report = probe({"mounts"});
  for (const auto& line : report["mounts"]["lines"]) {
    const json entry = parse_mountinfo(line);
    EXPECT_THAT(entry.value("target", ""), testing::Not(HasSubstr(work().string()))) << line;
  }
}

TEST_F(MountTest, BindDirectory) {
  const fs::path dir = host_dir();
  write_text(dir / "file", "from-host");
  bundle().bind(dir, "/mnt/dir");
  const Report report = probe({"read", "/mnt/dir/file", "create", "/mnt/dir/new", "back"});
  EXPECT_EQ(report["read"]["data"], "from-host");
  EXPECT_EQ(report["create"]["error"], "");
  EXPECT_EQ(read_text(dir / "new"), "back");
}

TEST_F(MountTest, BindFile) {
  write_text(work() / "file", "content");
  bundle().bind(work() / "file", "/etc/deep/er/file");
  const Report report = probe({"read", "/etc/deep/er/file", "stat", "/etc/deep/er/file"});
  EXPECT_EQ(report["read"]["data"], "content");
  EXPECT_EQ(report["stat"]["type"], "file");
}

TEST_F(MountTest, BindOverAnExistingFile) {
  write_text(work() / "file", "new");
  write_text(bundle().rootfs() / "etc/hosts", "old");
  bundle().bind(work() / "file", "/etc/hosts");
  EXPECT_EQ(probe({"read", "/etc/hosts"})["read"]["data"], "new");
  EXPECT_EQ(read_text(bundle().rootfs() / "etc/hosts"), "old");
}

TEST_F(MountTest, RelativeBindSourceIsRelativeToTheBundle) {
  fs::create_directories(bundle().path() / "extra");
  write_text(bundle().path() / "extra/file", "in-bundle");
  bundle().bind("extra", "/mnt");
  EXPECT_EQ(probe({"read", "/mnt/file"})["read"]["data"], "in-bundle");
}

TEST_F(MountTest, BindSourceThatIsMissing) {
  bundle().bind("/no/such/source", "/mnt");
  const Outcome outcome = run();
  expect_failure(outcome, 1, "/no/such/source");
  expect_failure(outcome, 1, "no such file or directory");
}

TEST_F(MountTest, FailureNamesSourceAndTarget) {
  write_text(work() / "file", "x");
  bundle().bind(work() / "file", "/data");
  expect_failure(run(), 1,
                 "error mounting \"" + (work() / "file").string() + "\" to rootfs at \"/data\"");
}

// dockerd adds a hint for its users when it reads this.
TEST_F(MountTest, FileOnDirectoryIsNotADirectory) {
  write_text(work() / "file", "x");
  bundle().bind(work() / "file", "/data");
  expect_failure(run(), 1, "not a directory");
}

TEST_F(MountTest, DirectoryOnFileIsNotADirectory) {
  write_text(bundle().rootfs() / "etc/file", "x");
  bundle().bind(host_dir(), "/etc/file");
  expect_failure(run(), 1, "not a directory");
}

TEST_F(MountTest, ReadOnlyBind) {
  const fs::path dir = host_dir();
  bundle().bind(dir, "/mnt", {"ro"});
  const Report report = probe({"create", "/mnt/x", "y", "mounts"});
  EXPECT_EQ(report["create"]["error"], "EROFS");
  EXPECT_TRUE(has_option(report.mount_at("/mnt")["options"], "ro"));
  // The host's own view is not changed.
  write_text(dir / "still", "writable");
  EXPECT_EQ(read_text(dir / "still"), "writable");
}

TEST_F(MountTest, BindFlags) {
  bundle().bind(host_dir(), "/mnt", {"nosuid", "nodev", "noexec"});
  const json entry = probe({"mounts"}).mount_at("/mnt");
  for (const char* option : {"nosuid", "nodev", "noexec", "rw"}) {
    EXPECT_TRUE(has_option(entry["options"], option)) << option << " " << entry;
  }
}

TEST_F(MountTest, NoexecIsEnforced) {
  const fs::path dir = host_dir();
  fs::copy_file(bundle().rootfs() / "probe", dir / "tool");
  bundle().bind(dir, "/mnt", {"noexec"}).args({"/mnt/tool", "id"});
  expect_failure(run(), 1, "permission denied");
}

TEST_F(MountTest, AccessTimeFlags) {
  bundle().bind(host_dir("a"), "/mnt/a", {"noatime"});
  bundle().bind(host_dir("b"), "/mnt/b", {"strictatime"});
  bundle().bind(host_dir("c"), "/mnt/c", {"nodiratime", "relatime"});
  const Report report = probe({"mounts"});
  EXPECT_TRUE(has_option(report.mount_at("/mnt/a")["options"], "noatime"));
  EXPECT_FALSE(has_option(report.mount_at("/mnt/b")["options"], "relatime"));
  EXPECT_FALSE(has_option(report.mount_at("/mnt/b")["options"], "noatime"));
  EXPECT_TRUE(has_option(report.mount_at("/mnt/c")["options"], "nodiratime"));
}

TEST_F(MountTest, NosymfollowIsEnforced) {
  NACRE_PEER_DIFFERS(kCrun, "1.21 does not apply it to binds");
  NACRE_PEER_DIFFERS(kRunc, "1.1.5 does not know nosymfollow");
  const fs::path dir = host_dir();
  write_text(dir / "file", "x");
  fs::create_symlink("file", dir / "link");
  bundle().bind(dir, "/mnt", {"nosymfollow"});
  EXPECT_EQ(probe({"read", "/mnt/link"})["read"]["error"], "ELOOP");
}

TEST_F(MountTest, RecursiveBindTakesSubMounts) {
  const fs::path dir = host_tree();
  write_text(dir / "inner/file", "below");
  bundle().bind(dir, "/mnt");
  EXPECT_EQ(probe({"read", "/mnt/inner/file"})["read"]["data"], "below");
}

TEST_F(MountTest, PlainBindDoesNot) {
  const fs::path dir = host_tree();
  write_text(dir / "inner/file", "below");
  bundle().mount(
      {{"destination", "/mnt"}, {"type", "bind"}, {"source", dir.string()}, {"options", {"bind"}}});
  EXPECT_EQ(probe({"read", "/mnt/inner/file"})["read"]["error"], "ENOENT");
}

// "ro" reaches the top mount only; "rro" (mount_setattr, Linux 5.12) the whole tree.
TEST_F(MountTest, ReadOnlyIsNotRecursiveButRroIs) {
  const fs::path dir = host_tree();
  bundle().bind(dir, "/ro", {"ro"});
  const Report plain = probe({"create", "/ro/x", "y", "create", "/ro/inner/x", "y"});
  EXPECT_EQ(plain.at("create", 0)["error"], "EROFS");
  EXPECT_EQ(plain.at("create", 1)["error"], "");
  bundle().bind(dir, "/rro", {"rro"});
  const Report deep = probe({"create", "/rro/x", "y", "create", "/rro/inner/x", "y"});
  EXPECT_EQ(deep.at("create", 0)["error"], "EROFS");
  EXPECT_EQ(deep.at("create", 1)["error"], "EROFS");
}

TEST_F(MountTest, OtherRecursiveAttributes) {
  NACRE_PEER_DIFFERS(kCrun, "1.21 combines rnoatime wrongly");
  const fs::path dir = host_tree();
  bundle().bind(dir, "/mnt", {"rnosuid", "rnodev", "rnoexec", "rnoatime"});
  const Report report = probe({"mounts"});
  for (const char* target : {"/mnt", "/mnt/inner"}) {
    for (const char* option : {"nosuid", "nodev", "noexec", "noatime"}) {
      EXPECT_TRUE(has_option(report.mount_at(target)["options"], option)) << target << option;
    }
  }
}

TEST_F(MountTest, TmpfsSizeAndMode) {
  bundle().mount({{"destination", "/mnt"},
                  {"type", "tmpfs"},
                  {"source", "tmpfs"},
                  {"options", {"size=1m", "mode=1711", "nr_inodes=50", "nosuid"}}});
  const Report report = probe({"statfs", "/mnt", "stat", "/mnt"});
  EXPECT_EQ(report["statfs"]["bytes"], 1U << 20U);
  EXPECT_EQ(report["statfs"]["inodes"], 50);
  EXPECT_EQ(report["stat"]["mode"], "1711");
}

TEST_F(MountTest, TmpfsOwner) {
  bundle().mount({{"destination", "/mnt"},
                  {"type", "tmpfs"},
                  {"source", "tmpfs"},
                  {"options", {"uid=1000", "gid=1001"}}});
  const Report report = probe({"stat", "/mnt"});
  EXPECT_EQ(report["stat"]["uid"], 1000);
  EXPECT_EQ(report["stat"]["gid"], 1001);
}

// A tmpfs over a directory of the image keeps that directory's mode.
TEST_F(MountTest, TmpfsTakesTheModeOfWhatItCovers) {
  NACRE_PEER_DIFFERS(kCrun, "mounts with the default mode");
  fs::create_directories(bundle().rootfs() / "covered");
  ::chmod((bundle().rootfs() / "covered").c_str(), 01770);
  bundle().mount({{"destination", "/covered"}, {"type", "tmpfs"}, {"source", "tmpfs"}});
  EXPECT_EQ(probe({"stat", "/covered"})["stat"]["mode"], "1770");
}

TEST_F(MountTest, TmpCopyUp) {
  fs::create_directories(bundle().rootfs() / "seed/sub");
  write_text(bundle().rootfs() / "seed/sub/file", "seeded");
  fs::create_symlink("sub/file", bundle().rootfs() / "seed/link");
  ::chmod((bundle().rootfs() / "seed/sub/file").c_str(), 0640);
  ASSERT_EQ(::lchown((bundle().rootfs() / "seed/sub/file").c_str(), 7, 8), 0);
  bundle().mount({{"destination", "/seed"},
                  {"type", "tmpfs"},
                  {"source", "tmpfs"},
                  {"options", {"tmpcopyup"}}});
  const Report report = probe({"read", "/seed/sub/file", "stat", "/seed/sub/file", "stat",
                               "/seed/link", "create", "/seed/new", "x", "statfs", "/seed"});
  EXPECT_EQ(report["read"]["data"], "seeded");
  EXPECT_EQ(report.at("stat", 0)["mode"], "0640");
  EXPECT_EQ(report.at("stat", 0)["uid"], 7);
  EXPECT_EQ(report.at("stat", 1)["target"], "sub/file");
  EXPECT_EQ(report["create"]["error"], "");
  EXPECT_EQ(report["statfs"]["type"], 0x01021994);
  EXPECT_FALSE(fs::exists(bundle().rootfs() / "seed/new"));
}

TEST_F(MountTest, ReadOnlyTmpfs) {
  bundle().mount(
      {{"destination", "/mnt"}, {"type", "tmpfs"}, {"source", "tmpfs"}, {"options", {"ro"}}});
  EXPECT_EQ(probe({"create", "/mnt/x", "y"})["create"]["error"], "EROFS");
}

TEST_F(MountTest, OrderIsTheConfigs) {
  const fs::path first = host_dir("first");
  const fs::path second = host_dir("second");
  write_text(first / "who", "first");
  write_text(second / "who", "second");
  bundle().bind(first, "/mnt").bind(second, "/mnt");
  EXPECT_EQ(probe({"read", "/mnt/who"})["read"]["data"], "second");
}

TEST_F(MountTest, MountInsideAMount) {
  const fs::path outer = host_dir("outer");
  const fs::path inner = host_dir("inner");
  fs::create_directories(outer / "sub");
  write_text(inner / "file", "nested");
  bundle().bind(outer, "/mnt").bind(inner, "/mnt/sub");
  EXPECT_EQ(probe({"read", "/mnt/sub/file"})["read"]["data"], "nested");
}

TEST_F(MountTest, TargetsAreMade) {
  NACRE_PEER_DIFFERS(kCrun, "makes them with mode 1755");
  bundle().bind(host_dir(), "/made/by/the/runtime");
  bundle().mount({{"destination", "/also/made"}, {"type", "tmpfs"}, {"source", "tmpfs"}});
  const Report report =
      probe({"stat", "/made/by/the/runtime", "stat", "/also/made", "stat", "/made"});
  EXPECT_EQ(report.at("stat", 0)["type"], "dir");
  EXPECT_EQ(report.at("stat", 1)["type"], "dir");
  EXPECT_EQ(report.at("stat", 2)["mode"], "0755");
}

TEST_F(MountTest, DevptsIsItsOwnInstance) {
  const Report report = probe({"ls", "/dev/pts", "stat", "/dev/ptmx", "stat-follow", "/dev/ptmx"});
  EXPECT_EQ(report["ls"]["names"], json({"ptmx"}));
  EXPECT_EQ(report["stat"]["type"], "link");
  EXPECT_EQ(report["stat-follow"]["mode"], "0666");
}

TEST_F(MountTest, CgroupMountIsTheContainersOwnTree) {
  bundle().mount({{"destination", "/sys/fs/cgroup"},
                  {"type", "cgroup"},
                  {"source", "cgroup"},
                  {"options", {"nosuid", "noexec", "nodev", "relatime", "ro"}}});
  const Report report = probe({"mounts", "read", "/sys/fs/cgroup/cgroup.procs", "mkdir",
                               "/sys/fs/cgroup/sub", "statfs", "/sys/fs/cgroup"});
  const json entry = report.mount_at("/sys/fs/cgroup");
  EXPECT_EQ(entry["type"], "cgroup2");
  EXPECT_EQ(report["read"]["data"], "1\n");
  EXPECT_EQ(report["mkdir"]["error"], "EROFS");
}

TEST_F(MountTest, WritableCgroupMount) {
  bundle().mount({{"destination", "/sys/fs/cgroup"},
                  {"type", "cgroup"},
                  {"source", "cgroup"},
                  {"options", {"nosuid", "noexec", "nodev", "rw"}}});
  const Report report =
      probe({"mkdir", "/sys/fs/cgroup/sub", "write", "/sys/fs/cgroup/sub/cgroup.procs", "1", "read",
             "/proc/self/cgroup"});
  EXPECT_EQ(report["mkdir"]["error"], "");
  EXPECT_EQ(report["write"]["error"], "");
  EXPECT_THAT(report["read"].value("data", ""), testing::EndsWith("0::/sub\n"));
}

TEST_F(MountTest, Cgroup2TypeIsTheSame) {
  bundle().mount({{"destination", "/sys/fs/cgroup"},
                  {"type", "cgroup2"},
                  {"source", "cgroup"},
                  {"options", {"ro"}}});
  EXPECT_EQ(probe({"read", "/sys/fs/cgroup/cgroup.procs"})["read"]["data"], "1\n");
}

// docker --cgroupns=host: the host's whole tree shows, so it may not be writable.
TEST_F(MountTest, CgroupMountWithoutANamespace) {
  bundle().without_namespace("cgroup").mount({{"destination", "/sys/fs/cgroup"},
                                              {"type", "cgroup"},
                                              {"source", "cgroup"},
                                              {"options", {"ro"}}});
  const Report report = probe({"mounts", "mkdir", "/sys/fs/cgroup/x"});
  EXPECT_EQ(report.mount_at("/sys/fs/cgroup")["type"], "cgroup2");
  EXPECT_EQ(report["mkdir"]["error"], "EROFS");
}

TEST_F(MountTest, FilesystemsByName) {
  bundle().mount({{"destination", "/mnt/ram"},
                  {"type", "ramfs"},
                  {"source", "ramfs"},
                  {"options", {"mode=0700"}}});
  const Report report = probe({"mounts", "stat", "/mnt/ram"});
  EXPECT_EQ(report.mount_at("/mnt/ram")["type"], "ramfs");
  EXPECT_EQ(report["stat"]["mode"], "0700");
}

TEST_F(MountTest, OverlayByOptions) {
  for (const char* name : {"lower", "upper", "scratch"}) host_dir(name);
  // Not every filesystem can be an upper layer: a tmpfs can.
  ASSERT_EQ(::mount("tmpfs", work().c_str(), "tmpfs", 0, nullptr), 0);
  mounted_.push_back(work());
  for (const char* name : {"lower", "upper", "scratch"}) host_dir(name);
  write_text(work() / "lower/file", "low");
  fs::create_directories(work() / "temp");
  fs::create_directories(work() / "logs");
  Bundle& own = new_bundle("overlaid");
  own.mount({{"destination", "/mnt"},
             {"type", "overlay"},
             {"source", "overlay"},
             {"options",
              {"lowerdir=" + (work() / "lower").string(), "upperdir=" + (work() / "upper").string(),
               "workdir=" + (work() / "scratch").string()}}});
  const Report report = probe(own, {"read", "/mnt/file", "create", "/mnt/file", "high"});
  EXPECT_EQ(report["read"]["data"], "low");
  EXPECT_EQ(read_text(work() / "upper/file"), "high");
}

TEST_F(MountTest, UnknownFilesystemIsNamed) {
  bundle().mount({{"destination", "/mnt"}, {"type", "no-such-fs"}, {"source", "x"}});
  expect_failure(run(), 1, "no such device");
}

TEST_F(MountTest, BadOptionIsAnError) {
  bundle().mount({{"destination", "/mnt"},
                  {"type", "tmpfs"},
                  {"source", "tmpfs"},
                  {"options", {"no-such-option"}}});
  expect_failure(run(), 1, "invalid argument");
}

}  // namespace
}  // namespace nacre::test
