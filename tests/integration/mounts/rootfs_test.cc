// The root filesystem: read-only, masked and read-only paths, propagation, symbolic links in it.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class RootfsTest : public ContainerTest {
 protected:
  void TearDown() override {
    for (const auto& path : mounted_) ::umount2(path.c_str(), MNT_DETACH);
    ContainerTest::TearDown();
  }
  std::vector<fs::path> mounted_;
};

TEST_F(RootfsTest, ReadOnly) {
  bundle().config()["root"]["readonly"] = true;
  const Report report = probe({"create", "/new", "x", "create", "/dev/shm/new", "x", "mounts"});
  EXPECT_EQ(report.at("create", 0)["error"], "EROFS");
  EXPECT_EQ(report.at("create", 1)["error"], "");
  EXPECT_TRUE(has_option(report.mount_at("/")["options"], "ro"));
  write_text(bundle().rootfs() / "host-can", "write");
}

TEST_F(RootfsTest, Writable) {
  EXPECT_EQ(probe({"create", "/new", "x"})["create"]["error"], "");
  EXPECT_EQ(read_text(bundle().rootfs() / "new"), "x");
}

TEST_F(RootfsTest, AbsolutePath) {
  fs::rename(bundle().rootfs(), work() / "elsewhere");
  bundle().config()["root"]["path"] = (work() / "elsewhere").string();
  EXPECT_EQ(probe({"id"})["id"]["uid"], 0);
}

TEST_F(RootfsTest, PathThatIsASymlink) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 refuses it");
  fs::rename(bundle().rootfs(), work() / "elsewhere");
  fs::create_directory_symlink(work() / "elsewhere", bundle().path() / "rootfs");
  EXPECT_EQ(probe({"id"})["id"]["uid"], 0);
}

TEST_F(RootfsTest, MissingRootfsIsNamed) {
  fs::rename(bundle().rootfs(), work() / "elsewhere");
  const Outcome outcome = run();
  expect_failure(outcome, 1, "rootfs");
  expect_failure(outcome, 1, is_peer() ? "no such file" : "no such file or directory");
}

TEST_F(RootfsTest, RootfsThatIsAFile) {
  fs::rename(bundle().rootfs(), work() / "elsewhere");
  write_text(bundle().path() / "rootfs", "x");
  expect_failure(run(), 1, "not a directory");
}

TEST_F(RootfsTest, ADotDotDoesNotLeaveIt) {
  const Report report = probe({"ls", "/..", "ls", "/"});
  EXPECT_EQ(report.at("ls", 0)["names"], report.at("ls", 1)["names"]);
}

TEST_F(RootfsTest, NoPivot) {
  bundle().probe({"ls", "/", "mounts"});
  const std::string id = new_id();
  prepare(bundle(), id);
  const Outcome outcome = runtime({"run", "--no-pivot", "--bundle", bundle().path(), id}).run();
  expect_success(outcome);
  EXPECT_THAT(Report::parse(outcome.out)["ls"]["names"].get<std::vector<std::string>>(),
              testing::Contains("probe"));
}

TEST_F(RootfsTest, MaskedPaths) {
  fs::create_directories(bundle().rootfs() / "secret-dir");
  write_text(bundle().rootfs() / "secret-dir/file", "x");
  write_text(bundle().rootfs() / "secret-file", "x");
  bundle().linux_section()["maskedPaths"] = {"/secret-dir", "/secret-file", "/proc/version",
                                             "/no/such/path"};
  const Report report =
      probe({"ls", "/secret-dir", "read", "/secret-file", "create", "/secret-dir/new", "x", "write",
             "/secret-file", "y", "read", "/proc/version"});
  EXPECT_EQ(report["ls"]["names"], json::array());
  EXPECT_EQ(report.at("read", 0)["data"], "");
  EXPECT_EQ(report.at("read", 1)["data"], "");
  EXPECT_EQ(report["create"]["error"], "EROFS");
  EXPECT_EQ(read_text(bundle().rootfs() / "secret-file"), "x");
}

TEST_F(RootfsTest, ReadOnlyPaths) {
  fs::create_directories(bundle().rootfs() / "fixed");
  write_text(bundle().rootfs() / "fixed/file", "x");
  bundle().linux_section()["readonlyPaths"] = {"/fixed", "/proc/sys", "/no/such/path"};
  const Report report = probe({"create", "/fixed/new", "x", "write", "/fixed/file", "y", "write",
                               "/proc/sys/kernel/hostname", "z", "read", "/fixed/file"});
  EXPECT_EQ(report["create"]["error"], "EROFS");
  EXPECT_EQ(report.at("write", 0)["error"], "EROFS");
  EXPECT_EQ(report.at("write", 1)["error"], "EROFS");
  EXPECT_EQ(report["read"]["data"], "x");
}

TEST_F(RootfsTest, MaskedAndReadOnlyPathsThroughSymlinksStayInside) {
  fs::create_directories(bundle().rootfs() / "real");
  write_text(bundle().rootfs() / "real/file", "x");
  fs::create_symlink("/real", bundle().rootfs() / "link");
  bundle().linux_section()["readonlyPaths"] = {"/link"};
  EXPECT_EQ(probe({"create", "/real/new", "x"})["create"]["error"], "EROFS");
}

// Mount targets with symbolic links in them: absolute and relative ones end inside the rootfs.
TEST_F(RootfsTest, TargetThroughAnAbsoluteSymlink) {
  NACRE_PEER_DIFFERS(kCrun, "refuses a symbolic link whose target is missing");
  const fs::path outside = work() / "outside";
  fs::create_directories(outside);
  fs::create_symlink(outside, bundle().rootfs() / "link");
  write_text(work() / "file", "bound");
  bundle().bind(work() / "file", "/link/target");
  const Report report = probe({"read", outside.string() + "/target"});
  EXPECT_EQ(report["read"]["data"], "bound");
  EXPECT_TRUE(fs::is_empty(outside)) << "the target was made outside of the root filesystem";
}

TEST_F(RootfsTest, TargetThroughADotDotSymlink) {
  fs::create_symlink("../../../../../../../../tmp", bundle().rootfs() / "link");
  write_text(work() / "file", "bound");
  const std::string name = "nacre-escape-" + work().filename().string();
  bundle().bind(work() / "file", "/link/" + name);
  EXPECT_EQ(probe({"read", "/tmp/" + name})["read"]["data"], "bound");
  EXPECT_FALSE(fs::exists("/tmp/" + name));
}

TEST_F(RootfsTest, TargetWithDotDot) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 cleans the path lexically, with the same result");
  write_text(work() / "file", "bound");
  bundle().bind(work() / "file", "/data/../etc/../../../etc/target");
  EXPECT_EQ(probe({"read", "/etc/target"})["read"]["data"], "bound");
}

TEST_F(RootfsTest, TargetThatIsADanglingSymlink) {
  NACRE_PEER_DIFFERS(kCrun, "refuses a symbolic link whose target is missing");
  fs::create_symlink("/not/there", bundle().rootfs() / "link");
  fs::create_directories(work() / "dir");
  bundle().bind(work() / "dir", "/link");
  const Report report = probe({"stat", "/not/there", "mounts"});
  EXPECT_EQ(report["stat"]["type"], "dir");
  EXPECT_TRUE(report.mount_at("/not/there").is_object());
  EXPECT_FALSE(fs::exists("/not/there"));
}

TEST_F(RootfsTest, SymlinkLoopIsAnError) {
  fs::create_symlink("loop", bundle().rootfs() / "loop");
  fs::create_directories(work() / "dir");
  bundle().bind(work() / "dir", "/loop/x");
  EXPECT_EQ(run().exit_code, 1);
}

struct Propagation {
  const char* name;
  const char* word;  // in the optional fields of mountinfo; "" for none
};
// Gives the test a readable name in CTest.
void PrintTo(const Propagation& entry, std::ostream* out) { *out << entry.name; }
std::string name_of(const testing::TestParamInfo<Propagation>& info) { return info.param.name; }

class PropagationTest : public RootfsTest, public testing::WithParamInterface<Propagation> {};

TEST_P(PropagationTest, OfABind) {
  NACRE_PEER_DIFFERS(kCrun, "1.21 makes binds private under a private host root");
  fs::create_directories(work() / "dir");
  ASSERT_EQ(::mount("tmpfs", (work() / "dir").c_str(), "tmpfs", 0, nullptr), 0);
  mounted_.push_back(work() / "dir");
  ASSERT_EQ(::mount(nullptr, (work() / "dir").c_str(), nullptr, MS_SHARED, nullptr), 0);
  bundle().bind(work() / "dir", "/mnt", {GetParam().name});
  const json entry = probe({"mounts"}).mount_at("/mnt");
  ASSERT_TRUE(entry.is_object());
  if (*GetParam().word == '\0') {
    EXPECT_EQ(entry["optional"], "");
  } else {
    EXPECT_THAT(entry.value("optional", ""), HasSubstr(GetParam().word));
  }
}

INSTANTIATE_TEST_SUITE_P(, PropagationTest,
                         testing::Values(Propagation{"private", ""}, Propagation{"rprivate", ""},
                                         Propagation{"shared", "shared:"},
                                         Propagation{"rshared", "shared:"},
                                         Propagation{"slave", "master:"},
                                         Propagation{"rslave", "master:"},
                                         Propagation{"unbindable", "unbindable"},
                                         Propagation{"runbindable", "unbindable"}),
                         name_of);

TEST_F(RootfsTest, SlaveReceivesTheHostsLaterMounts) {
  NACRE_PEER_DIFFERS(kCrun, "1.21 makes binds private under a private host root");
  const fs::path dir = work() / "dir";
  fs::create_directories(dir);
  ASSERT_EQ(::mount("tmpfs", dir.c_str(), "tmpfs", 0, nullptr), 0);
  mounted_.push_back(dir);
  ASSERT_EQ(::mount(nullptr, dir.c_str(), nullptr, MS_SHARED, nullptr), 0);
  fs::create_directories(dir / "late");
  bundle().bind(dir, "/mnt", {"rslave"});
  const Container container = launch_idle();
  ASSERT_EQ(::mount("tmpfs", (dir / "late").c_str(), "tmpfs", 0, nullptr), 0);
  mounted_.insert(mounted_.begin(), dir / "late");
  write_text(dir / "late/file", "seen");
  EXPECT_EQ(exec(container.id, {"read", "/mnt/late/file"})["read"]["data"], "seen");
}

TEST_F(RootfsTest, PrivateDoesNot) {
  const fs::path dir = work() / "dir";
  fs::create_directories(dir);
  ASSERT_EQ(::mount("tmpfs", dir.c_str(), "tmpfs", 0, nullptr), 0);
  mounted_.push_back(dir);
  ASSERT_EQ(::mount(nullptr, dir.c_str(), nullptr, MS_SHARED, nullptr), 0);
  fs::create_directories(dir / "late");
  bundle().bind(dir, "/mnt", {"rprivate"});
  const Container container = launch_idle();
  ASSERT_EQ(::mount("tmpfs", (dir / "late").c_str(), "tmpfs", 0, nullptr), 0);
  mounted_.insert(mounted_.begin(), dir / "late");
  write_text(dir / "late/file", "seen");
  EXPECT_EQ(exec(container.id, {"read", "/mnt/late/file"})["read"]["error"], "ENOENT");
}

TEST_F(RootfsTest, SharedBindSendsMountsToTheHost) {
  const fs::path dir = work() / "dir";
  fs::create_directories(dir);
  ASSERT_EQ(::mount("tmpfs", dir.c_str(), "tmpfs", 0, nullptr), 0);
  mounted_.push_back(dir);
  ASSERT_EQ(::mount(nullptr, dir.c_str(), nullptr, MS_SHARED, nullptr), 0);
  fs::create_directories(dir / "inside");
  bundle().all_capabilities().bind(dir, "/mnt", {"rshared"});
  bundle().linux_section()["rootfsPropagation"] = "shared";
  const Report report = probe({"mount", "tmpfs", "tmpfs", "/mnt/inside"});
  EXPECT_EQ(report["mount"]["error"], "");
  struct stat outer{}, inner{};
  ASSERT_EQ(::stat(dir.c_str(), &outer), 0);
  ASSERT_EQ(::stat((dir / "inside").c_str(), &inner), 0);
  EXPECT_NE(outer.st_dev, inner.st_dev) << "the mount did not reach the host";
  mounted_.insert(mounted_.begin(), dir / "inside");
}

TEST_F(RootfsTest, RootfsPropagationWords) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 applies the word to the host's mounts before the pivot only");
  struct Expectation {
    const char* value;
    const char* word;
  };
  // The root itself: slave by default where the host is shared; here the host is private.
  for (const auto& [value, word] : std::vector<Expectation>{
           {"shared", "shared:"}, {"private", ""}, {"unbindable", "unbindable"}}) {
    SCOPED_TRACE(value);
    bundle().linux_section()["rootfsPropagation"] = value;
    const json root = probe({"mounts"}).mount_at("/");
    if (*word == '\0') {
      EXPECT_EQ(root["optional"], "");
    } else {
      EXPECT_THAT(root.value("optional", ""), HasSubstr(word));
    }
  }
}

TEST_F(RootfsTest, UnknownPropagationIsNamed) {
  NACRE_PEER_DIFFERS(kCrun, "ignores it");
  bundle().linux_section()["rootfsPropagation"] = "no-such";
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
  if (!is_peer()) expect_failure(outcome, 1, "no-such");
}

}  // namespace
}  // namespace nacre::test
