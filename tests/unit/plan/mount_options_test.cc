#include "runtime/plan/mount_options.h"

#include <gtest/gtest.h>
#include <linux/mount.h>

namespace nacre::plan {
namespace {

MountOptions parse(const std::vector<std::string>& options) {
  auto parsed = parse_mount_options(options);
  EXPECT_TRUE(parsed);
  return parsed ? *parsed : MountOptions{};
}

TEST(MountOptionsTest, EveryKnownWordIsUnderstoodAlone) {
  for (const std::string& word : known_mount_options()) {
    const MountOptions options = parse({word});
    const bool passed_on = options.data == std::vector<std::string>{word};
    const bool superblock = word == "sync" || word == "dirsync" || word == "mand" ||
                            word == "lazytime" || word == "iversion";
    EXPECT_EQ(passed_on, superblock) << word;
  }
}

TEST(MountOptionsTest, LaterWordsWin) {
  EXPECT_EQ(parse({"ro", "rw"}).set & MOUNT_ATTR_RDONLY, 0U);
  EXPECT_NE(parse({"ro", "rw"}).clear & MOUNT_ATTR_RDONLY, 0U);
  EXPECT_NE(parse({"rw", "ro"}).set & MOUNT_ATTR_RDONLY, 0U);
  EXPECT_EQ(parse({"rw", "ro"}).clear & MOUNT_ATTR_RDONLY, 0U);
}

TEST(MountOptionsTest, AccessTimesReplaceEachOther) {
  const MountOptions options = parse({"noatime", "strictatime"});
  EXPECT_EQ(options.set & MOUNT_ATTR__ATIME, std::uint64_t{MOUNT_ATTR_STRICTATIME});
  EXPECT_EQ(options.clear & MOUNT_ATTR__ATIME, std::uint64_t{MOUNT_ATTR__ATIME});
}

TEST(MountOptionsTest, RecursiveFormsStandApart) {
  const MountOptions options = parse({"nosuid", "rnodev"});
  EXPECT_EQ(options.set, std::uint64_t{MOUNT_ATTR_NOSUID});
  EXPECT_EQ(options.recursive_set, std::uint64_t{MOUNT_ATTR_NODEV});
}

TEST(MountOptionsTest, UnknownWordsGoToTheFileSystem) {
  EXPECT_EQ(parse({"size=1m", "lowerdir=/a:/b"}).data,
            (std::vector<std::string>{"size=1m", "lowerdir=/a:/b"}));
}

TEST(MountOptionsTest, RemountIsRefused) {
  const auto parsed = parse_mount_options({"remount"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code(), ErrorCode::kUnsupported);
}

TEST(MountOptionsTest, PropagationOfTheRoot) {
  EXPECT_EQ(*parse_propagation(""), std::uint64_t{MS_SLAVE});
  EXPECT_EQ(*parse_propagation("rshared"), std::uint64_t{MS_SHARED});
  EXPECT_FALSE(parse_propagation("sharde"));
  EXPECT_FALSE(parse_propagation("ro"));
}

}  // namespace
}  // namespace nacre::plan
