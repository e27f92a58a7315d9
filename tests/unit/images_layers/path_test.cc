#include "images/layers/path.h"

#include <gtest/gtest.h>

namespace nacre::images::layers {
namespace {

std::string joined(std::string_view raw, std::uint64_t depth = 100) {
  const auto parts = split_path(raw, depth);
  return parts ? join_parts(*parts) : "error: " + parts.error().message();
}

TEST(SplitPath, StripsWhatSaysNothing) {
  EXPECT_EQ(joined("a/b"), "a/b");
  EXPECT_EQ(joined("/a//b/"), "a/b");
  EXPECT_EQ(joined("./a/././b/."), "a/b");
  EXPECT_EQ(joined("a/../b"), "b");
  EXPECT_EQ(joined("a/b/../../c/.."), "");
  for (const char* root : {"", ".", "/", "./", "//", "/./", "a/.."}) EXPECT_EQ(joined(root), "");
}

TEST(SplitPath, RefusesWhatLeavesTheLayer) {
  for (const char* out : {"..", "../a", "/..", "a/../..", "a/../../b", "./..", "../../../etc"})
    EXPECT_EQ(joined(out), "error: the path leaves the layer") << out;
  EXPECT_EQ(joined(std::string_view("a\0b", 3)), "error: the path holds a NUL");
}

TEST(SplitPath, CountsComponents) {
  EXPECT_EQ(joined("a/b/c", 3), "a/b/c");
  const auto deep = split_path("a/b/c/d", 3);
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(joined("a/b/../c/../d/.", 2), "a/d");
}

Result<Name> name_of(std::string_view path) { return read_name(*split_path(path, 100)); }

TEST(ReadName, TellsWhiteoutsFromEntries) {
  EXPECT_EQ(name_of("a/b")->meaning, Meaning::kEntry);
  EXPECT_EQ(name_of("")->meaning, Meaning::kEntry);
  EXPECT_EQ(name_of("a.wh.b")->meaning, Meaning::kEntry);
  EXPECT_EQ(name_of(".whx")->meaning, Meaning::kEntry);
  EXPECT_EQ(name_of("a/.wh.b")->meaning, Meaning::kWhiteout);
  EXPECT_EQ(name_of("a/.wh.b")->hidden, "b");
  EXPECT_EQ(name_of(".wh..b")->hidden, ".b");
  EXPECT_EQ(name_of(".wh....")->hidden, "...");
  EXPECT_EQ(name_of("a/.wh..wh..opq")->meaning, Meaning::kOpaque);
  EXPECT_EQ(name_of(".wh..wh.plnk/1.2")->meaning, Meaning::kForeign);
}

TEST(ReadName, RefusesWhatNoFileCanBeCalled) {
  for (const char* bad : {".wh.", "a/.wh.", ".wh..", ".wh...", ".wh..wh.x", "a/.wh..wh.plnk",
                          ".wh.a/b", "a/.wh.b/c/d", ".wh..wh..opq/a"})
    EXPECT_FALSE(name_of(bad)) << bad;
}

}  // namespace
}  // namespace nacre::images::layers
