// What a layer leaves to the ones below it (docs/storage.md, "Layers are keyed by diffID").
#include <sys/stat.h>
#include <unistd.h>

#include "tests/integration/snapshots/snapshotter_fixture.h"

namespace nacre::images::test {
namespace {

using testing::HasSubstr;

struct stat lstat_of(const fs::path& path) {
  struct stat info{};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path << ": " << std::strerror(errno);
  return info;
}

class FixupsTest : public SnapshotterTest {
 protected:
  // The image mounted as a view.
  fs::path mounted(const Layers& layers) {
    const std::string key = "view" + std::to_string(views_.size());
    const auto made = snapshots().view(key, layers, {});
    EXPECT_TRUE(made.has_value()) << made.error().message();
    views_.push_back(mount(key));
    return path_of(views_.back());
  }
  void TearDown() override {
    views_.clear();
    SnapshotterTest::TearDown();
  }
  static void expect_like(const fs::path& path, const Metadata& expected) {
    const struct stat info = lstat_of(path);
    EXPECT_EQ(info.st_mode & 07777U, expected.mode) << path;
    EXPECT_EQ(info.st_uid, expected.uid) << path;
    EXPECT_EQ(info.st_gid, expected.gid) << path;
    for (const auto& [name, value] : expected.xattrs) EXPECT_EQ(get_xattr(path, name), value);
  }
  void SetUp() override {
    SnapshotterTest::SetUp();
    if (has_user_attributes()) odd_.xattrs = {{"user.kept", "value"}};
  }
  Metadata odd_ = {.mode = 03750, .uid = 7, .gid = 8};

 private:
  std::vector<sys::MountFd> views_;
};

TEST_F(FixupsTest, AnImpliedDirectoryIsLikeTheOneBelow) {
  const Layers image = {put(LayerArchive().directory("dir", odd_).file("dir/low", "1")),
                        put(LayerArchive().file("dir/high", "2"))};
  const fs::path root = mounted(image);
  expect_like(root / "dir", odd_);
  EXPECT_EQ(read_file(root / "dir/low"), "1");
  EXPECT_EQ(read_file(root / "dir/high"), "2");
  EXPECT_EQ(count_in("fixups"), 1U);
}

TEST_F(FixupsTest, ParentsOnTheWayKeepWhatTheyAre) {
  const Metadata explicit_one = {.mode = 0711, .uid = 3, .gid = 3};
  const Layers image = {
      put(LayerArchive().directory("a", odd_).directory("a/b", odd_).directory("a/b/c", odd_)),
      put(LayerArchive().directory("a/b", explicit_one).file("a/b/c/file", "x"))};
  const fs::path root = mounted(image);
  expect_like(root / "a", odd_);
  expect_like(root / "a/b", explicit_one);
  expect_like(root / "a/b/c", odd_);
}

TEST_F(FixupsTest, TheRootItself) {
  const Layers image = {put(LayerArchive().directory("./", odd_).file("low", "1")),
                        put(LayerArchive().file("high", "2"))};
  expect_like(mounted(image) / ".", odd_);
  // And what stands on it.
  prepare("web", image);
  const auto web = mount("web");
  expect_like(path_of(web) / ".", odd_);
}

TEST_F(FixupsTest, WhatTheLayerSaysItselfStays) {
  const Layers image = {put(LayerArchive().directory("dir", odd_)),
                        put(LayerArchive().directory("./").directory("dir", {.mode = 0700}))};
  expect_like(mounted(image) / "dir", {.mode = 0700});
  EXPECT_EQ(count_in("fixups"), 0U);
}

TEST_F(FixupsTest, NothingDiffersNothingIsMade) {
  const Layers image = {put(LayerArchive().directory("./").directory("dir").file("dir/low", "1")),
                        put(LayerArchive().file("dir/high", "2"))};
  expect_like(mounted(image) / "dir", {});
  EXPECT_EQ(count_in("fixups"), 0U);
}

TEST_F(FixupsTest, ThroughSeveralLayers) {
  const Layers image = {
      put(LayerArchive().directory("dir", odd_)), put(LayerArchive().file("dir/one", "1")),
      put(LayerArchive().file("elsewhere", "x")), put(LayerArchive().file("dir/two", "2"))};
  expect_like(mounted(image) / "dir", odd_);
}

TEST_F(FixupsTest, AnOpaqueDirectoryHidesContentNotItself) {
  const Layers image = {put(LayerArchive()
                                .directory("dir", odd_)
                                .directory("dir/sub", odd_)
                                .file("dir/sub/low", "1")),
                        put(LayerArchive().opaque("dir").file("dir/sub/high", "2"))};
  const fs::path root = mounted(image);
  expect_like(root / "dir", odd_);
  expect_like(root / "dir/sub", {});  // a new one: the old one is hidden
  EXPECT_FALSE(fs::exists(root / "dir/sub/low"));
  EXPECT_TRUE(fs::exists(root / "dir/sub/high"));
}

TEST_F(FixupsTest, ADirectoryThatWasRemovedBelow) {
  const Layers image = {put(LayerArchive().directory("dir", odd_).file("dir/low", "1")),
                        put(LayerArchive().whiteout("dir")),
                        put(LayerArchive().file("dir/high", "2"))};
  const fs::path root = mounted(image);
  expect_like(root / "dir", {});
  EXPECT_FALSE(fs::exists(root / "dir/low"));
}

TEST_F(FixupsTest, AFileBelowIsNoModel) {
  const Layers image = {put(LayerArchive().file("dir", "a file", {.mode = 0600, .uid = 5})),
                        put(LayerArchive().file("dir/high", "2"))};
  expect_like(mounted(image) / "dir", {});
}

// Every engine that unpacks layers alone does the same: the directory hides the link.
TEST_F(FixupsTest, ASymlinkBelowIsHiddenByTheDirectory) {
  const Layers image = {put(LayerArchive()
                                .directory("usr", {})
                                .directory("usr/lib", odd_)
                                .file("usr/lib/low", "1")
                                .symlink("lib", "usr/lib")),
                        put(LayerArchive().file("lib/high", "2"))};
  const fs::path root = mounted(image);
  expect_like(root / "lib", {});
  EXPECT_TRUE(S_ISDIR(lstat_of(root / "lib").st_mode));
  EXPECT_TRUE(fs::exists(root / "lib/high"));
  EXPECT_FALSE(fs::exists(root / "usr/lib/high"));
}

TEST_F(FixupsTest, AHardLinkToAFileBelow) {
  const Metadata metadata = {.mode = 04751, .uid = 7, .gid = 8, .xattrs = {{"user.kept", "value"}}};
  const Layers image = {
      put(LayerArchive().directory("dir", odd_).file("dir/file", "content", metadata)),
      put(LayerArchive().hard_link("other/link", "dir/file"))};
  const fs::path root = mounted(image);
  EXPECT_EQ(read_file(root / "other/link"), "content");
  expect_like(root / "other/link", metadata);
  expect_like(root / "dir/file", metadata);
  expect_like(root / "dir", odd_);
  EXPECT_EQ(lstat_of(root / "other/link").st_ino, lstat_of(root / "dir/file").st_ino);
  EXPECT_EQ(lstat_of(root / "other/link").st_nlink, 2U);
  EXPECT_EQ(lstat_of(root / "other/link").st_mtime, 1'700'000'000);
}

TEST_F(FixupsTest, SeveralLinksToOneFile) {
  const Layers image = {
      put(LayerArchive().file("file", "content")),
      put(LayerArchive().hard_link("a", "file").hard_link("b", "a").hard_link("dir/c", "file"))};
  const fs::path root = mounted(image);
  for (const char* name : {"a", "b", "dir/c"}) {
    EXPECT_EQ(lstat_of(root / name).st_ino, lstat_of(root / "file").st_ino) << name;
  }
  EXPECT_EQ(lstat_of(root / "file").st_nlink, 4U);
}

TEST_F(FixupsTest, HardLinksToWhatIsNoFile) {
  const Layers image = {
      put(LayerArchive().symlink("symlink", "/etc/passwd").fifo("fifo", {.mode = 0620, .gid = 5})),
      put(LayerArchive().hard_link("symlink2", "symlink").hard_link("fifo2", "fifo"))};
  const fs::path root = mounted(image);
  EXPECT_EQ(fs::read_symlink(root / "symlink2"), "/etc/passwd");
  EXPECT_TRUE(S_ISFIFO(lstat_of(root / "fifo2").st_mode));
  expect_like(root / "fifo2", {.mode = 0620, .gid = 5});
}

TEST_F(FixupsTest, AHardLinkToAFileTwoLayersBelow) {
  const Layers image = {
      put(LayerArchive().file("file", "first")), put(LayerArchive().file("file", "second")),
      put(LayerArchive().file("unrelated", "x")), put(LayerArchive().hard_link("link", "file"))};
  EXPECT_EQ(read_file(mounted(image) / "link"), "second");
}

TEST_F(FixupsTest, AHardLinkThatLeadsNowhere) {
  const auto low = put(LayerArchive().file("file", "x"));
  const auto high = put(LayerArchive().hard_link("link", "missing"));
  for (const Layers& image : {Layers{low, high}, Layers{high}}) {
    const auto made = snapshots().prepare("web", image, {});
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_THAT(made.error().message(), HasSubstr("hard link \"link\""));
    EXPECT_THAT(made.error().message(), HasSubstr(high.text()));
  }
  EXPECT_EQ(count_in("fixups"), 0U);
  EXPECT_EQ(count_in("containers"), 0U);
  // What was removed below is not there either.
  const Layers removed = {low, put(LayerArchive().whiteout("file")),
                          put(LayerArchive().hard_link("link", "file"))};
  EXPECT_FALSE(snapshots().prepare("web", removed, {}).has_value());
}

TEST_F(FixupsTest, OneLayerOverTwoBases) {
  const auto high = put(LayerArchive().file("dir/high", "x").hard_link("link", "file"));
  const auto one = put(LayerArchive().directory("dir", odd_).file("file", "one"));
  const auto two = put(LayerArchive().directory("dir", {.mode = 0700}).file("file", "two"));
  const fs::path first = mounted({one, high});
  const fs::path second = mounted({two, high});
  expect_like(first / "dir", odd_);
  EXPECT_EQ(read_file(first / "link"), "one");
  expect_like(second / "dir", {.mode = 0700});
  EXPECT_EQ(read_file(second / "link"), "two");
  EXPECT_EQ(count_in("fixups"), 2U);
}

TEST_F(FixupsTest, ALayerThatAnImageHasTwice) {
  const auto twice =
      put(LayerArchive().file("dir/x", "x").whiteout("low").opaque("opaque").file("opaque/x", "x"));
  const Layers image = {
      put(LayerArchive().directory("dir", odd_).file("low", "1").file("opaque/low", "1")), twice,
      put(LayerArchive()
              .whiteout("dir/x")
              .directory("dir", {.mode = 0711})
              .file("low", "2")
              .file("opaque/middle", "2")),
      twice};
  const fs::path root = mounted(image);
  expect_like(root / "dir", {.mode = 0711});
  EXPECT_TRUE(fs::exists(root / "dir/x"));
  EXPECT_FALSE(fs::exists(root / "low"));
  EXPECT_FALSE(fs::exists(root / "opaque/low"));
  EXPECT_FALSE(fs::exists(root / "opaque/middle"));
  EXPECT_TRUE(fs::exists(root / "opaque/x"));
}

TEST_F(FixupsTest, MadeOnceAndShared) {
  const Layers image = {put(LayerArchive().directory("dir", odd_)),
                        put(LayerArchive().file("dir/high", "2"))};
  mounted(image);
  const auto made = names_in("fixups");
  ASSERT_EQ(made.size(), 1U);
  const fs::path fixup = fs::path(root()) / "fixups" / *made.begin() / "fs/dir";
  const auto inode = lstat_of(fixup).st_ino;
  mounted(image);
  open();
  EXPECT_EQ(lstat_of(fixup).st_ino, inode);
  NACRE_ASSERT_OK(snapshots().discard_garbage());
  EXPECT_EQ(lstat_of(fixup).st_ino, inode);
}

TEST_F(FixupsTest, AMissingOneIsMadeAgain) {
  const Layers image = {put(LayerArchive().directory("dir", odd_)),
                        put(LayerArchive().file("dir/high", "2"))};
  mounted(image);
  fs::remove_all(fs::path(root()) / "fixups" / *names_in("fixups").begin());
  expect_like(mounted(image) / "dir", odd_);
}

TEST_F(FixupsTest, ForgottenWithTheLastSnapshot) {
  const Layers image = {put(LayerArchive().directory("dir", odd_)),
                        put(LayerArchive().file("dir/high", "2"))};
  prepare("web", image);
  NACRE_ASSERT_OK(store().collect());
  EXPECT_EQ(*snapshots().discard_garbage(), 0U);
  EXPECT_EQ(count_in("fixups"), 1U);
  NACRE_ASSERT_OK(snapshots().remove("web"));
  NACRE_ASSERT_OK(store().collect());
  EXPECT_EQ(*snapshots().discard_garbage(), 1U);
  EXPECT_EQ(count_in("fixups"), 0U);
  // The layers are still leased: all of it can be made again.
  expect_like(mounted(image) / "dir", odd_);
}

}  // namespace
}  // namespace nacre::images::test
