// GNU's long names, labels, and whatever else came before pax.
#include <gmock/gmock.h>

#include "tests/unit/images_tar/archives.h"

namespace nacre::images::tar {
namespace {

using testing::HasSubstr;

std::string long_header(char type, std::string_view text) {
  return Block("././@LongLink", type, Magic::kGnu).size(text.size()).sealed() + padded(text);
}
std::string with_nul(std::string text) { return std::move(text) + '\0'; }

TEST(GnuTest, LongNameAndLongLink) {
  const std::string path = std::string(150, 'a') + "/" + std::string(150, 'b');
  const std::string target(300, 't');
  const std::string link =
      Block(path.substr(0, 100), '2', Magic::kGnu).link(target.substr(0, 100)).sealed();
  for (const std::string& archive :
       {long_header('L', with_nul(path)) + long_header('K', with_nul(target)) + link,
        long_header('K', target) + long_header('L', path) + link}) {
    const Entry entry = read_one(archive);
    EXPECT_EQ(entry.path, path);
    EXPECT_EQ(entry.link_target, target);
  }
}

TEST(GnuTest, ALongNameIsForOneEntry) {
  const Read all = read_archive(long_header('L', with_nul("long")) + file("a", "1", Magic::kGnu) +
                                file("b", "2", Magic::kGnu) + end_blocks());
  ASSERT_EQ(all.entries.size(), 2U) << all.message();
  EXPECT_EQ(all.entries[0].path, "long");
  EXPECT_EQ(all.entries[1].path, "b");
}

TEST(GnuTest, PaxWinsOverALongName) {
  for (const std::string& both : {long_header('L', with_nul("gnu")) + pax({{"path", "pax"}}),
                                  pax({{"path", "pax"}}) + long_header('L', with_nul("gnu"))})
    EXPECT_EQ(read_one(both + Block("x").sealed()).path, "pax");
}

TEST(GnuTest, WrongLongNames) {
  const std::string file_x = file("x", "");
  const auto refusal = [&](const std::string& head) {
    return read_archive(head + file_x + end_blocks()).message();
  };
  EXPECT_THAT(refusal(long_header('L', "")), HasSubstr("long name is empty"));
  EXPECT_THAT(refusal(long_header('L', std::string(3, '\0'))), HasSubstr("long name is empty"));
  EXPECT_THAT(refusal(long_header('L', std::string("a\0b\0", 4))), HasSubstr("contains a NUL"));
  EXPECT_THAT(refusal(long_header('L', "a") + long_header('L', "b")), HasSubstr("two extended"));
  EXPECT_THAT(refusal(pax({{"uid", "1"}}) + pax({{"gid", "1"}})), HasSubstr("two extended"));
  EXPECT_THAT(refusal(long_header('L', "a") + pax({{"comment", "c"}}, 'g')),
              HasSubstr("before an entry's own"));
}

TEST(GnuTest, ExtendedHeadersWithoutAnEntry) {
  for (const std::string& head :
       {long_header('L', "a"), long_header('K', "a"), pax({{"uid", "1"}})}) {
    EXPECT_THAT(read_archive(head + end_blocks()).message(), HasSubstr("and its entry"));
    EXPECT_THAT(read_archive(head).message(), HasSubstr("and its entry"));
  }
}

TEST(GnuTest, AVolumeLabelIsPassedOver) {
  const Read all = read_archive(Block("label", 'V', Magic::kGnu).size(700).sealed() +
                                std::string(1024, 'v') + file("a", "1") + end_blocks());
  ASSERT_EQ(all.entries.size(), 1U) << all.message();
  EXPECT_EQ(all.entries[0].path, "a");
  EXPECT_THAT(read_archive(pax({{"uid", "1"}}) + Block("label", 'V').sealed()).message(),
              HasSubstr("volume label stands between"));
}

TEST(GnuTest, TypesThatAreNotKnown) {
  for (const char type : {'A', 'D', 'E', 'I', 'M', 'N', '8', 'Z', ' ', '\xFF'}) {
    const Read all = read_archive(Block("odd", type).sealed() + end_blocks());
    ASSERT_TRUE(all.error) << type;
    EXPECT_EQ(all.error->code(), ErrorCode::kUnsupported);
    EXPECT_THAT(all.message(), HasSubstr("\"odd\""));
  }
}

TEST(GnuTest, V7DirectoriesHaveASlash) {
  for (const char type : {'\0', '0', '7'}) {
    const Entry entry = read_one(Block("dir/", type, Magic::kNone).sealed());
    EXPECT_EQ(entry.type, Type::kDirectory);
    EXPECT_EQ(entry.path, "dir/");
    const Read all = read_archive(Block("dir/", type).size(1).sealed() + padded("x"));
    EXPECT_THAT(all.message(), HasSubstr("ends with a slash, but there is data"));
  }
  EXPECT_EQ(read_one(Block("file", '\0', Magic::kNone).sealed()).type, Type::kFile);
  EXPECT_EQ(read_one(Block("file", '7').sealed()).type, Type::kFile);
}

TEST(GnuTest, OnlyFilesHaveData) {
  // A header's size means nothing there, as for the other engines.
  for (const char type : {'1', '2', '3', '4', '5', '6'}) {
    const Read all = read_archive(Block("odd", type).link("t").size(4096).sealed() +
                                  file("next", "n") + end_blocks());
    ASSERT_EQ(all.entries.size(), 2U) << type << all.message();
    EXPECT_EQ(all.entries[0].size, 0U);
    EXPECT_EQ(all.entries[1].path, "next");
    // A pax size is read by some and not by others: refused.
    const Read pax_size =
        read_archive(pax({{"size", "512"}}) + Block("odd", type).link("t").sealed());
    EXPECT_THAT(pax_size.message(), HasSubstr("has no data, but the extended header says 512"));
    EXPECT_EQ(read_one(pax({{"size", "0"}}) + Block("odd", type).link("t").sealed()).path, "odd");
  }
}

}  // namespace
}  // namespace nacre::images::tar
