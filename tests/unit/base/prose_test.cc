#include "base/prose.h"

#include <gtest/gtest.h>

namespace nacre::text {
namespace {

TEST(ProseTest, RowsInTwoColumns) {
  std::string out;
  append_rows(out, {{"a", "one two three"}, {"longer than that", "four"}, {"none", ""}},
              {.total = 16, .indent = 1, .gap = 2, .widest_left = 4});
  EXPECT_EQ(out,
            " a     one two\n"
            "       three\n"
            " longer than that\n"
            "       four\n"
            " none\n");
}

TEST(ProseTest, ForMan) {
  EXPECT_EQ(for_man(".a-b\\c.\n'd'"), "\\&.a\\-b\\ec.\n\\&'d'");
  EXPECT_EQ(for_man(""), "");
}

TEST(ProseTest, Quoted) {
  EXPECT_EQ(shell_quoted("it's \\"), "'it'\\''s \\'");
  EXPECT_EQ(fish_quoted("it's \\"), "'it\\'s \\\\'");
}

}  // namespace
}  // namespace nacre::text
