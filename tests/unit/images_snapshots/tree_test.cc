// Walking, measuring and syncing trees of any shape.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "images/snapshots/durability.h"
#include "images/snapshots/inode_copy.h"
#include "images/snapshots/tree_usage.h"
#include "images/snapshots/tree_walk.h"

namespace nacre::images {
namespace {

namespace fs = std::filesystem;
using testing::UnorderedElementsAre;

// In memory where there is such a place: what is tested here would wait for a disk otherwise.
std::filesystem::path place() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

class TreeTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = place() / "nacre-tree.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    work_ = pattern;
    root_ = sys::DirFd(::open(pattern.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(root_);
  }
  void TearDown() override { fs::remove_all(work_); }

  void write(const std::string& name, const std::string& text = "x") {
    std::ofstream(work_ / name) << text;
  }
  std::multiset<std::string> walked() {
    std::multiset<std::string> names;
    const auto done =
        walk_tree(root_, [&](FdRef, const std::string& name, const struct statx&) -> Result<bool> {
          names.insert(name);
          return true;
        });
    EXPECT_TRUE(done.has_value()) << done.error().message();
    return names;
  }

  fs::path work_;
  sys::DirFd root_;
};

TEST_F(TreeTest, WalksEverythingOnce) {
  fs::create_directories(work_ / "a/b/c");
  write("a/file");
  write("a/b/c/deep");
  fs::create_symlink("/", work_ / "link");
  fs::create_directory_symlink("..", work_ / "a/up");
  ASSERT_EQ(::mkfifo((work_ / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(walked(), UnorderedElementsAre("a", "b", "c", "file", "deep", "link", "up", "fifo"));
}

TEST_F(TreeTest, AnEmptyOne) { EXPECT_THAT(walked(), testing::IsEmpty()); }

TEST_F(TreeTest, EndsWhenTheVisitorHasSeenEnough) {
  for (int i = 0; i < 10; ++i) write("file" + std::to_string(i));
  int seen = 0;
  const auto done = walk_tree(
      root_,
      [&](FdRef, const std::string&, const struct statx&) -> Result<bool> { return ++seen < 3; });
  EXPECT_TRUE(done.has_value());
  EXPECT_EQ(seen, 3);
}

TEST_F(TreeTest, TheVisitorsErrorIsPassedOn) {
  write("file");
  const auto done =
      walk_tree(root_, [](FdRef, const std::string&, const struct statx&) -> Result<bool> {
        return fail(not_found("this one"));
      });
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().message(), "this one");
}

TEST_F(TreeTest, WhatDisappearsMeanwhileIsPassedOver) {
  fs::create_directories(work_ / "a/b");
  fs::create_directories(work_ / "c");
  int directories = 0;
  const auto done =
      walk_tree(root_, [&](FdRef, const std::string&, const struct statx&) -> Result<bool> {
        if (++directories == 1) {
          fs::remove_all(work_ / "a");
          fs::remove_all(work_ / "c");
        }
        return true;
      });
  EXPECT_TRUE(done.has_value()) << done.error().message();
}

TEST_F(TreeTest, MoreLevelsThanDescriptorsAndLongerThanAnyPath) {
  sys::DirFd at(::dup(root_.get()));
  std::string path;
  for (int i = 0; i < 1500; ++i) {
    ASSERT_EQ(::mkdirat(at.get(), "level", 0755), 0);
    at = sys::DirFd(::openat(at.get(), "level", O_PATH | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(at);
    path += i == 0 ? "level" : "/level";
  }
  EXPECT_EQ(walked().size(), 1500U);
  const auto deepest = open_below(root_, path);
  ASSERT_TRUE(deepest.has_value());
  struct stat one{}, other{};
  ASSERT_EQ(::fstat(deepest->get(), &one), 0);
  ASSERT_EQ(::fstat(at.get(), &other), 0);
  EXPECT_EQ(one.st_ino, other.st_ino);
  EXPECT_TRUE(sync_tree(root_).has_value());
  EXPECT_EQ(tree_usage(root_)->inodes, 1501U);
}

TEST_F(TreeTest, OpensNothingThroughASymlink) {
  fs::create_directories(work_ / "real/dir");
  fs::create_directory_symlink("real", work_ / "link");
  EXPECT_TRUE(open_below(root_, "real/dir").has_value());
  EXPECT_EQ(open_below(root_, "link/dir").error().value, ELOOP);
  EXPECT_EQ(open_below(root_, "link").error().value, ENOTDIR);
  EXPECT_EQ(open_below(root_, "real/../..").error().value, EXDEV);
  EXPECT_EQ(open_below(root_, "missing").error().value, ENOENT);
}

TEST_F(TreeTest, UsageCountsAnInodeOnce) {
  write("file", std::string(50'000, 'x'));
  const auto before = tree_usage(root_);
  ASSERT_TRUE(before.has_value());
  EXPECT_EQ(before->inodes, 2U);
  EXPECT_GE(before->bytes, 50'000U);
  fs::create_hard_link(work_ / "file", work_ / "link");
  EXPECT_EQ(tree_usage(root_)->inodes, 2U);
  EXPECT_EQ(tree_usage(root_)->bytes, before->bytes);
}

TEST_F(TreeTest, SyncsFewAndMany) {
  fs::create_directories(work_ / "dir");
  ASSERT_EQ(::mkfifo((work_ / "fifo").c_str(), 0600), 0);
  fs::create_symlink("nowhere", work_ / "link");
  write("dir/file");
  EXPECT_TRUE(sync_tree(root_).has_value());
  for (int i = 0; i < 300; ++i) write("dir/file" + std::to_string(i));
  EXPECT_TRUE(sync_tree(root_).has_value());
}

TEST_F(TreeTest, CopiesAnInode) {
  const std::string content(300'000, 'y');
  write("file", content);
  ASSERT_EQ(::chmod((work_ / "file").c_str(), 04751), 0);
  fs::create_symlink("some/where", work_ / "link");
  ASSERT_EQ(::mkfifo((work_ / "fifo").c_str(), 0620), 0);
  const timespec times[2] = {{1000, 0}, {2000, 123}};
  for (const char* name : {"file", "link", "fifo"}) {
    ASSERT_EQ(::utimensat(root_.get(), name, times, AT_SYMLINK_NOFOLLOW), 0);
  }
  fs::create_directory(work_ / "to");
  const sys::DirFd to(::open((work_ / "to").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (const std::string name : {"file", "link", "fifo"}) {
    const auto done = copy_inode(root_, name, to, name + "2");
    ASSERT_TRUE(done.has_value()) << done.error().message();
    struct stat one{}, other{};
    ASSERT_EQ(::fstatat(root_.get(), name.c_str(), &one, AT_SYMLINK_NOFOLLOW), 0);
    ASSERT_EQ(::fstatat(to.get(), (name + "2").c_str(), &other, AT_SYMLINK_NOFOLLOW), 0);
    EXPECT_EQ(one.st_mode, other.st_mode) << name;
    EXPECT_EQ(one.st_size, other.st_size) << name;
    EXPECT_EQ(one.st_mtim.tv_sec, other.st_mtim.tv_sec) << name;
    EXPECT_EQ(one.st_mtim.tv_nsec, other.st_mtim.tv_nsec) << name;
  }
  std::ifstream copy(work_ / "to/file2");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(copy), {}), content);
  EXPECT_EQ(fs::read_symlink(work_ / "to/link2"), "some/where");
  EXPECT_FALSE(copy_inode(root_, "to", to, "dir").has_value());
  EXPECT_FALSE(copy_inode(root_, "missing", to, "missing").has_value());
  EXPECT_FALSE(copy_inode(root_, "file", to, "file2").has_value()) << "it must not be replaced";
}

TEST_F(TreeTest, ComparesDirectories) {
  for (const char* name : {"a", "b"}) fs::create_directory(work_ / name);
  const sys::DirFd a(::open((work_ / "a").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const sys::DirFd b(::open((work_ / "b").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_TRUE(*same_directory_attributes(a, b));
  ASSERT_EQ(::chmod((work_ / "a").c_str(), 01700), 0);
  EXPECT_FALSE(*same_directory_attributes(a, b));
  ASSERT_TRUE(copy_directory_attributes(a, b).has_value());
  EXPECT_TRUE(*same_directory_attributes(a, b));
}

}  // namespace
}  // namespace nacre::images
