// A debootstrapped Debian becomes an image, goes to a registry, comes back, and what is mounted in
// the end is what it was, in content and metadata. GNU tar is the judge: an archive of either tree,
// sorted, with owners, nanoseconds, hard links, devices and attributes, must have the same digest.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <filesystem>

#include "images/formats/load.h"
#include "images/formats/rootfs.h"
#include "images/formats/save.h"
#include "images/snapshots/snapshotter.h"
#include "tests/integration/registry/fixture.h"
#include "tests/support/command.h"

namespace nacre::images::registry::test {
namespace {

namespace fs = std::filesystem;
using nacre::test::Command;
using nacre::test::Outcome;

class DebianTest : public RegistryTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "mounting and owners need root";
    RegistryTest::SetUp();
    if (IsSkipped()) return;
    must(Command({"cp", "-a", NACRE_ROOTFS_DEBIAN, tree()}));
    add_oddities();
    judged_ = judge(tree());
    ASSERT_FALSE(judged_.empty());
    import();
  }

  fs::path tree() const { return fs::path(folder_.path()) / "tree"; }
  fs::path path(const std::string& name) const { return fs::path(folder_.path()) / name; }

  static Outcome must(Command&& command) {
    Outcome outcome = command.run();
    EXPECT_TRUE(outcome.ok()) << describe(outcome);
    return outcome;
  }

  // What debootstrap makes none of.
  void add_oddities() const {
    const fs::path odd = tree() / "odd";
    fs::create_directory(odd);
    write(odd / "attributed", "x");
    ASSERT_EQ(::setxattr((odd / "attributed").c_str(), "user.note", "a\0b", 3, 0), 0);
    write(odd / "capable", "#!");
    must(Command({"setcap", "cap_net_raw+ep", odd / "capable"}));
    write(odd / "set-id", "#!");
    ASSERT_EQ(::chown((odd / "set-id").c_str(), 12, 4'000'000), 0);
    ASSERT_EQ(::chmod((odd / "set-id").c_str(), 06755), 0);
    write(odd / "linked", "y");
    fs::create_hard_link(odd / "linked", odd / "link");
    ASSERT_EQ(::mknod((odd / "device").c_str(), S_IFCHR | 0640, makedev(5, 1)), 0);
    ASSERT_EQ(::mkfifo((odd / "fifo").c_str(), 0600), 0);
    fs::create_symlink(std::string(300, 't'), odd / "symlink");
    write(odd / std::string(255, 'n'), "long");
    write(odd / "\xc3\xa4 \n\\", "no ASCII");
    must(Command({"truncate", "--size=64M", odd / "sparse"}));
    const timespec times[2] = {{0, UTIME_OMIT}, {-5, 123'456'789}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (odd / "linked").c_str(), times, 0), 0);
    ASSERT_EQ(::chmod(odd.c_str(), 01777), 0);
  }
  static void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

  static std::string judge(const fs::path& root) {
    const auto outcome = must(Command(
        {"bash", "-c",
         "set -o pipefail; tar --create --sort=name --format=posix --numeric-owner --xattrs "
         "--xattrs-include='*' --pax-option='delete=atime,delete=ctime,exthdr.name=%d/%f' "
         "-C \"$1\" . | sha256sum",
         "judge", root}));
    return outcome.out.substr(0, 64);
  }

  // For whoever has to find out why the judge says no.
  static std::string listing(const fs::path& root) {
    return must(Command({"bash", "-c",
                         "cd \"$1\" && find . -printf '%p %y %#m %U:%G %T@ %s %n %l\\n' | sort",
                         "listing", root}))
        .out;
  }
  std::string unlike(const std::string& one, const std::string& other) const {
    write(path("one"), one);
    write(path("other"), other);
    return Command({"diff", path("one"), path("other")}).run().out.substr(0, 2000);
  }

  void import() {
    const auto lease = here_->lease();
    ASSERT_OK(lease);
    const sys::DirFd root(::open(tree().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const auto made = import_directory(*here_, *lease, root, {}, {}, {});
    ASSERT_OK(made);
    image_.manifest = made->manifest;
    ASSERT_OK(here_->put_image(reference("debian:12").text(), made->manifest));
  }

  // Mounts what `store` has under `manifest`, and lets the judge look at it.
  std::string judge_mounted(Store& store, const oci::Descriptor& manifest) {
    const auto features = probe_overlay();
    EXPECT_TRUE(features);
    const auto snapshotter = Snapshotter::open(store, *features);
    EXPECT_TRUE(snapshotter);
    const auto config = config_of(store, manifest);
    EXPECT_TRUE((*snapshotter)->view("judged", config.rootfs.diff_ids, {.ephemeral = true}));
    auto mount = (*snapshotter)->mounts("judged", {});
    EXPECT_TRUE(mount) << mount.error().message();
    fs::create_directories(path("mounted"));
    EXPECT_EQ(::syscall(SYS_move_mount, mount->get(), "", AT_FDCWD, path("mounted").c_str(), 4), 0);
    mount->reset();  // or the mount is busy
    std::string seen = judge(path("mounted"));
    listed_ = listing(path("mounted"));
    EXPECT_EQ(::umount2(path("mounted").c_str(), 0), 0);
    EXPECT_TRUE((*snapshotter)->remove("judged"));
    return seen;
  }
  static oci::ImageConfig config_of(Store& store, const oci::Descriptor& manifest) {
    const auto bytes = store.read_document(manifest.digest, oci::kMostDocumentBytes);
    const auto parsed = oci::parse_manifest(*bytes, manifest.media_type);
    const auto config = store.read_document(parsed->config.digest, oci::kMostConfigBytes);
    return *oci::parse_image_config(*config);
  }

  void skopeo(const std::string& from, const std::string& to) const {
    Command copy({"skopeo", "--insecure-policy", "copy", "--quiet", "--src-tls-verify=false",
                  "--dest-tls-verify=false", from, to});
    copy.env("HOME", folder_.path());
    must(std::move(copy));
  }

  StoredImage image_;
  std::string judged_;
  std::string listed_;  // of what was mounted last
};

TEST_F(DebianTest, ComesBackFromARegistryAsItWas) {
  ASSERT_OK(push(image_, "debian:12"));
  const auto pulled = pull("debian:12");
  ASSERT_OK(pulled);
  EXPECT_EQ(pulled->target.digest, image_.manifest.digest);
  EXPECT_EQ(judge_mounted(*there_, pulled->manifest), judged_) << unlike(listed_, listing(tree()));
}

TEST_F(DebianTest, TheJudgeSeesADifferenceOfANanosecond) {
  const timespec times[2] = {{0, UTIME_OMIT}, {-5, 123'456'788}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (tree() / "odd/linked").c_str(), times, 0), 0);
  EXPECT_NE(judge(tree()), judged_);
}

// Ours to the registry, skopeo to a layout, umoci unpacks it; and skopeo's layout back to us.
TEST_F(DebianTest, OthersReadWhatWeWriteAndWeWhatTheyWrite) {
  for (const char* program : {"skopeo", "umoci"}) {
    if (Command({"which", program}).run().exit_code != 0)
      GTEST_SKIP() << program << " is not installed";
  }
  ASSERT_OK(push(image_, "debian:12"));
  skopeo("docker://" + registry_->host() + "/debian:12", "oci:" + path("layout").string() + ":12");
  must(Command({"umoci", "unpack", "--image", path("layout").string() + ":12", path("bundle")}));
  EXPECT_EQ(judge(path("bundle") / "rootfs"), judged_);

  const sys::DirFd layout(::open(path("layout").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto loaded = load_layout(*there_, layout, "layout", {.name = "debian"}, nullptr, {});
  ASSERT_OK(loaded);
  ASSERT_EQ(loaded->size(), 1U);
  EXPECT_EQ(judge_mounted(*there_, loaded->front().manifest), judged_);
}

// A layout of ours, changed by umoci, and a docker-archive of skopeo's, come back to us.
TEST_F(DebianTest, UmociAddsALayerToOurLayout) {
  if (Command({"which", "umoci"}).run().exit_code != 0) GTEST_SKIP() << "umoci is not installed";
  fs::create_directory(path("layout"));
  const sys::DirFd layout(::open(path("layout").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  ASSERT_OK(save_layout(*here_,
                        {{.names = {reference("debian:12").text()}, .target = image_.manifest}},
                        layout, {}, nullptr, {}));
  const auto listed = must(Command({"umoci", "list", "--layout", path("layout")}));
  const std::string tag = listed.out.substr(0, listed.out.find('\n'));
  const std::string image = path("layout").string() + ":" + tag;
  must(Command({"umoci", "unpack", "--image", image, path("bundle")}));
  write(path("bundle") / "rootfs/odd/new", "of umoci");
  fs::remove(path("bundle") / "rootfs/odd/capable");
  must(Command({"umoci", "repack", "--image", image, path("bundle")}));
  // Repacking rounds times to seconds: what umoci makes of its own layer is the measure.
  must(Command({"umoci", "unpack", "--image", image, path("again")}));
  // Its layer has no entry for the root, and what has none has no time (docs/storage.md).
  const timespec never[2] = {{0, UTIME_OMIT}, {0, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (path("again") / "rootfs").c_str(), never, 0), 0);
  const std::string changed = judge(path("again") / "rootfs");
  EXPECT_NE(changed, judged_);

  const auto loaded = load_layout(*there_, layout, "layout", {.name = "changed"}, nullptr, {});
  ASSERT_OK(loaded);
  EXPECT_EQ(config_of(*there_, loaded->front().manifest).rootfs.diff_ids.size(), 2U);
  EXPECT_EQ(judge_mounted(*there_, loaded->front().manifest), changed)
      << unlike(listed_, listing(path("again") / "rootfs"));
}

}  // namespace
}  // namespace nacre::images::registry::test
