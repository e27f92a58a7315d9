#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/unit/images_layers/scratch.h"

namespace nacre::images {
namespace {

using test::layers::archive;
using test::layers::character;
using test::layers::describe;
using test::layers::dir;
using test::layers::file;
using test::layers::link;
using test::layers::owned;
using test::layers::sparse;
using test::layers::symlink;
using test::layers::timed;

class ApplyLayer : public ScratchLayer {
 protected:
  // The code and the words of the refusal.
  void refused(const std::vector<test::layers::Member>& members, ErrorCode code,
               const std::string& words) {
    const auto applied = apply(members);
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().code(), code) << applied.error().message();
    EXPECT_NE(applied.error().message().find(words), std::string::npos)
        << applied.error().message();
  }
};

TEST_F(ApplyLayer, WorksForAUserWithOneId) {
  const auto applied =
      apply({dir("closed", 0), owned(file("closed/a", "12345", 0400), 70000, 80000),
             symlink("closed/l", "a"), link("b", "closed/a"), file(".wh.gone"),
             file("o/.wh..wh..opq"), character("dev/null", 1, 3)});
  ASSERT_TRUE(applied) << applied.error().message();
  EXPECT_EQ(applied->entries, 6U);
  EXPECT_EQ(applied->bytes, 5U);
  EXPECT_EQ(applied->left_out,
            std::vector<std::string>{"dev/null: a device (only root may make one)"});
  EXPECT_EQ(applied->implied_directories, (std::vector<std::string>{".", "dev", "o"}));
  std::filesystem::permissions(layer() / "closed", std::filesystem::perms::owner_all);
  EXPECT_EQ(describe(layer()),
            "f 0400 b \"12345\"\nd 0700 closed\nh closed/a = b\nl closed/l -> a\nd 0755 dev\n"
            "w gone\no 0755 o\n");
}

TEST_F(ApplyLayer, KeepsTimes) {
  ASSERT_TRUE(
      apply({dir("d"), timed(file("d/a", "1"), "1234567890.123456789"), timed(file("old"), "-5.25"),
             timed(dir("d"), "7.5"), timed(file("never"), "9999999999999"),
             timed(symlink("l", "x"), "3.000000001")}));
  const auto time_of = [&](const char* name) {
    struct stat seen{};
    EXPECT_EQ(::lstat((layer() / name).c_str(), &seen), 0);
    return std::pair<std::int64_t, long>(seen.st_mtim.tv_sec, seen.st_mtim.tv_nsec);
  };
  EXPECT_EQ(time_of("d/a"), std::pair(std::int64_t{1234567890}, 123456789L));
  EXPECT_EQ(time_of("old"), std::pair(std::int64_t{-6}, 750000000L));
  EXPECT_EQ(time_of("d"), std::pair(std::int64_t{7}, 500000000L));
  EXPECT_EQ(time_of("l"), std::pair(std::int64_t{3}, 1L));
  EXPECT_LE(time_of("never").first, 253402300799);
  EXPECT_GT(time_of("never").first, 4000000000);  // the last that this filesystem can keep
}

TEST_F(ApplyLayer, KeepsHoles) {
  const std::uint64_t size = std::uint64_t{8} << 20U;
  std::string mixed(size, '\0');
  mixed[0] = 'a';
  mixed[size - 1] = 'z';
  ASSERT_TRUE(apply({sparse("declared", size, {{4096, "middle"}, {size - 4, "tail"}}),
                     sparse("empty", size, {}), file("zeros", std::string(size, '\0')),
                     file("mixed", mixed)}));
  const auto blocks = [&](const char* name) {
    struct stat seen{};
    EXPECT_EQ(::lstat((layer() / name).c_str(), &seen), 0);
    EXPECT_EQ(seen.st_size, static_cast<off_t>(size));
    return seen.st_blocks * 512;
  };
  for (const char* name : {"declared", "empty", "zeros", "mixed"})
    EXPECT_LE(blocks(name), 3 * 65536) << name;
  std::ifstream in(layer() / "declared", std::ios::binary);
  const std::string read((std::istreambuf_iterator<char>(in)), {});
  std::string wanted(size, '\0');
  wanted.replace(4096, 6, "middle").replace(size - 4, 4, "tail");
  EXPECT_TRUE(read == wanted);
  MemorySource manifest(manifest_);
  EXPECT_EQ(*compare_with_manifest(open(), manifest, 10), std::vector<std::string>());
}

TEST_F(ApplyLayer, KeepsToItsBudgets) {
  options_.budget.entries = 2;
  refused({file("a"), file("b"), file("c")}, ErrorCode::kResourceExhausted, "entries");
}
TEST_F(ApplyLayer, KeepsToItsBudgetOfBytes) {
  options_.budget.bytes = 10;
  refused({file("a", "12345"), file("b", "123456")}, ErrorCode::kResourceExhausted, "content");
  EXPECT_FALSE(std::filesystem::exists(layer() / "b") &&
               std::filesystem::file_size(layer() / "b") > 0);
}
TEST_F(ApplyLayer, KeepsToItsBudgetOfApparentBytes) {
  options_.budget.bytes = 1 << 20;
  refused({sparse("a", std::uint64_t{1} << 50U, {})}, ErrorCode::kResourceExhausted, "content");
}
TEST_F(ApplyLayer, KeepsToItsBudgetOfDepth) {
  options_.budget.depth = 3;
  refused({file("a/b/c"), file("a/b/c/d")}, ErrorCode::kResourceExhausted, "deeper");
}
TEST_F(ApplyLayer, LeavesFreeSpace) {
  options_.budget.free_bytes = std::uint64_t{1} << 60U;
  refused({file("a")}, ErrorCode::kResourceExhausted, "no space left");
}

TEST_F(ApplyLayer, NamesTheEntryThatIsAtFault) {
  refused({file("a"), file("b/../../c")}, ErrorCode::kInvalidArgument, "unpack \"b/../../c\"");
}

TEST_F(ApplyLayer, NamesTheFileWhoseContentEndsEarly) {
  std::string bytes = archive({file("a", std::string(5000, 'x'))});
  bytes.resize(2000);
  const auto applied = apply(bytes);
  ASSERT_FALSE(applied);
  EXPECT_NE(applied.error().message().find("\"a\""), std::string::npos)
      << applied.error().message();
}

TEST_F(ApplyLayer, RefusesADirectoryThatIsNotEmpty) {
  std::ofstream(layer() / "stranger") << "x";
  refused({file("a")}, ErrorCode::kFailedPrecondition, "stranger");
}

TEST_F(ApplyLayer, ReadsToTheEndOfTheStream) {
  const std::string bytes = archive({file("a", "1")}) + std::string(5000, 'x');
  MemorySource source(bytes, 512);
  MemorySink manifest;
  ASSERT_TRUE(apply_layer(source, open(), manifest, options_));
  std::byte rest[1];
  EXPECT_EQ(source.read(rest).value_or(1), 0U);
}

TEST_F(ApplyLayer, SaysWhatItLeavesToOthers) {
  const auto applied =
      apply({file("a/b/x"), dir("a/b"), file("w/.wh.gone"), file("o/p/x"), file("o/.wh..wh..opq"),
             file(".wh.n"), file("n/m/x"), link("h", "usr/lib/y")});
  ASSERT_TRUE(applied) << applied.error().message();
  // Not o/p, which no lower directory can show through, nor n, which was removed first.
  EXPECT_EQ(applied->implied_directories, (std::vector<std::string>{".", "a", "o", "w"}));
  EXPECT_EQ(applied->deferred_links,
            (std::vector<std::pair<std::string, std::string>>{{"h", "usr/lib/y"}}));
  EXPECT_FALSE(applied->opaque_root);
}

TEST_F(ApplyLayer, SaysThatTheRootHidesEverything) {
  const auto applied = apply({file(".wh..wh..opq"), dir("./", 0711)});
  ASSERT_TRUE(applied);
  EXPECT_TRUE(applied->opaque_root);
  EXPECT_EQ(applied->implied_directories, std::vector<std::string>());
  struct stat seen{};
  ASSERT_EQ(::stat(layer().c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 07777U, 0711U);
}

TEST_F(ApplyLayer, ManyDuplicatesTakeNoLonger) {
  std::vector<test::layers::Member> members;
  for (int i = 0; i < 300; ++i) {
    members.push_back(file("d/.wh.x" + std::to_string(i)));
    members.push_back(file(".wh.d"));
    members.push_back(file("d/y", "1"));
  }
  const auto applied = apply(members);
  ASSERT_TRUE(applied) << applied.error().message();
  EXPECT_EQ(describe(layer()), "o 0755 d\nf 0644 d/y \"1\"\n");
}

}  // namespace
}  // namespace nacre::images
