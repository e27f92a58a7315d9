// Extended headers: every key, and every way in which a record can be wrong.
#include "images/tar/pax.h"

#include <gmock/gmock.h>

#include "tests/unit/images_tar/archives.h"

namespace nacre::images::tar {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& records, std::size_t max_extents = 100) {
  const auto parsed = parse_pax(records, max_extents);
  return parsed ? "no error" : parsed.error().message();
}

TEST(PaxTest, EveryKey) {
  const Entry entry = read_one(pax({{"path", "p/q"},
                                    {"size", "0"},
                                    {"uid", "4000000000"},
                                    {"gid", "2097152"},
                                    {"uname", "u"},
                                    {"gname", "g"},
                                    {"mtime", "-1.5"},
                                    {"SCHILY.xattr.user.a", "va\nl=u\n"},
                                    {"SCHILY.xattr.user.empty", ""},
                                    {"LIBARCHIVE.xattr.user.b%20c", "AAEC"},
                                    {"atime", "garbage"},
                                    {"comment", "nothing"},
                                    {"hdrcharset", "BINARY"}}) +
                               Block("short").sealed());
  EXPECT_EQ(entry.path, "p/q");
  EXPECT_EQ(entry.uid, 4000000000U);
  EXPECT_EQ(entry.gid, 2097152U);
  EXPECT_EQ(entry.uname, "u");
  EXPECT_EQ(entry.gname, "g");
  EXPECT_EQ(entry.mtime, (Time{-2, 500000000}));
  EXPECT_EQ(
      entry.xattrs,
      (std::map<std::string, std::string>{
          {"user.a", "va\nl=u\n"}, {"user.empty", ""}, {"user.b c", std::string("\0\1\2", 3)}}));
}

TEST(PaxTest, LinkTargets) {
  const Entry entry =
      read_one(pax({{"linkpath", "far away"}}) + Block("s", '2').link("near").sealed());
  EXPECT_EQ(entry.link_target, "far away");
  // Of what is no link, it means nothing.
  EXPECT_EQ(read_one(pax({{"linkpath", "x"}}) + Block("f").sealed()).link_target, "");
}

TEST(PaxTest, TheLastOfARepeatedKeyCounts) {
  const auto parsed =
      parse_pax(record("path", "one") + record("path", "two") + record("SCHILY.xattr.user.a", "1") +
                    record("SCHILY.xattr.user.a", "2"),
                0);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->path, "two");
  EXPECT_EQ(parsed->xattrs.at("user.a"), "2");
}

TEST(PaxTest, AnEmptyValueTakesBack) {
  const auto parsed = parse_pax(record("path", "one") + record("path", "") + record("size", "5") +
                                    record("size", "") + record("mtime", "1") + record("mtime", ""),
                                0);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->path, std::nullopt);
  EXPECT_EQ(parsed->size, std::nullopt);
  EXPECT_EQ(parsed->mtime, std::nullopt);
  EXPECT_EQ(read_one(pax({{"path", ""}}) + Block("kept").sealed()).path, "kept");
}

TEST(PaxTest, AnyBytesAsPathButNul) {
  const std::string path = "caf\xE9/\n=\xFF";
  EXPECT_EQ(read_one(pax({{"path", path}}) + Block("x").sealed()).path, path);
  for (const char* key : {"path", "linkpath", "uname", "gname", "GNU.sparse.name"})
    EXPECT_THAT(refusal(record(key, std::string("a\0b", 3))), HasSubstr("NUL")) << key;
}

TEST(PaxTest, AttributesWithEqualsSignsInTheirNames) {
  const auto parsed = parse_pax(
      record("SCHILY.xattr.user.a%3Db", "1") + record("LIBARCHIVE.xattr.user.c%3Dd", "Mg"), 0);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->xattrs,
            (std::map<std::string, std::string>{{"user.a=b", "1"}, {"user.c=d", "2"}}));
}

TEST(PaxTest, MalformedRecords) {
  EXPECT_EQ(refusal(""), "no error");
  EXPECT_EQ(refusal(record("a", "b")), "no error");
  EXPECT_THAT(refusal("x"), HasSubstr("its length and a blank"));
  EXPECT_THAT(refusal("6"), HasSubstr("its length and a blank"));
  EXPECT_THAT(refusal(std::string(30, '1') + " a=b\n"), HasSubstr("its length and a blank"));
  EXPECT_THAT(refusal(" 6 a=b\n"), HasSubstr("length"));
  EXPECT_THAT(refusal("-6 a=b\n"), HasSubstr("length"));
  EXPECT_THAT(refusal("+6 a=b\n"), HasSubstr("length"));
  EXPECT_THAT(refusal("0x6 a=b\n"), HasSubstr("length"));
  EXPECT_THAT(refusal("0 a=b\n"), HasSubstr("length is 0"));
  EXPECT_THAT(refusal("2 a=b\n"), HasSubstr("length is 2"));
  EXPECT_THAT(refusal("7 a=b\n"), HasSubstr("length is 7, but 6 bytes"));
  EXPECT_THAT(refusal("5 a=b\n"), HasSubstr("newline"));
  EXPECT_THAT(refusal("6 a=bc\n"), HasSubstr("newline"));
  EXPECT_THAT(refusal("6 a=bx"), HasSubstr("newline"));
  EXPECT_THAT(refusal("6 abc\n"), HasSubstr("equals sign"));
  EXPECT_THAT(refusal("6 =bc\n"), HasSubstr("equals sign"));
  EXPECT_THAT(refusal("3 \n"), HasSubstr("equals sign"));
  EXPECT_THAT(refusal(record(std::string("a\0b", 3), "c")), HasSubstr("the key contains a NUL"));
  // What is left behind the last record.
  EXPECT_THAT(refusal(record("a", "b") + "\n"), HasSubstr("extended header, byte 6"));
  EXPECT_THAT(refusal(record("a", "b") + '\0'), HasSubstr("extended header, byte 6"));
}

TEST(PaxTest, MalformedValues) {
  for (const char* key : {"size", "uid", "gid"}) {
    for (const char* value : {"-1", "+1", "1x", "0x1", " 1", "9223372036854775808"})
      EXPECT_THAT(refusal(record(key, value)), HasSubstr("decimal number")) << key << value;
  }
  EXPECT_THAT(refusal(record("mtime", "soon")), HasSubstr("time in seconds"));
  EXPECT_THAT(refusal(record("LIBARCHIVE.xattr.user.a", "%%%")), HasSubstr("not base64"));
  EXPECT_THAT(refusal(record("LIBARCHIVE.xattr.user.%0", "AA")), HasSubstr("broken escape"));
  EXPECT_THAT(refusal(record("SCHILY.xattr.", "v")), HasSubstr("no name"));
  EXPECT_THAT(refusal(record("LIBARCHIVE.xattr.", "AA")), HasSubstr("no name"));
}

TEST(PaxTest, FormsThatAreNotKnownAreNotIgnored) {
  for (const char* key : {"SCHILY.realsize", "GNU.sparse.something"}) {
    const auto parsed = parse_pax(record(key, "1"), 10);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code(), ErrorCode::kUnsupported);
    EXPECT_THAT(parsed.error().message(), HasSubstr(key));
  }
}

// CVE-2025-62518: where the next header is follows from the pax size, whatever the header says.
TEST(PaxTest, TheSizeMovesTheNextHeader) {
  const std::string hidden = file("hidden", "h");
  const std::string zero_in_header = pax({{"size", std::to_string(hidden.size())}}) +
                                     Block("outer").size(0).sealed() + hidden + file("next", "n");
  const Read first = read_archive(zero_in_header + end_blocks());
  ASSERT_FALSE(first.error) << first.message();
  ASSERT_EQ(first.entries.size(), 2U);
  EXPECT_EQ(first.data[0], hidden);
  EXPECT_EQ(first.entries[1].path, "next");

  const std::string zero_in_pax = pax({{"size", "0"}}) +
                                  Block("outer").size(hidden.size()).sealed() + hidden +
                                  file("next", "n");
  const Read second = read_archive(zero_in_pax + end_blocks());
  ASSERT_FALSE(second.error) << second.message();
  ASSERT_EQ(second.entries.size(), 3U);
  EXPECT_EQ(second.entries[0].size, 0U);
  EXPECT_EQ(second.entries[1].path, "hidden");
}

TEST(PaxTest, SolarisHeadersAreTheSame) {
  EXPECT_EQ(read_one(pax({{"path", "long"}}, 'X') + Block("x").sealed()).path, "long");
}

TEST(PaxTest, GlobalHeadersAreReadAndIgnored) {
  const Entry entry = read_one(pax({{"comment", "c0ffee"}, {"mtime", "5"}, {"path", "p"}}, 'g') +
                               Block("own").sealed());
  EXPECT_EQ(entry.path, "own");
  EXPECT_EQ(entry.mtime, (Time{0, 0}));
  EXPECT_THAT(read_archive(extended('g', "6 abc\n") + end_blocks()).message(), HasSubstr("equals"));
  for (const char* key : {"size", "GNU.sparse.size", "GNU.sparse.major"}) {
    const Read all = read_archive(pax({{key, "5"}}, 'g') + file("a", "b") + end_blocks());
    EXPECT_THAT(all.message(), HasSubstr("would move the data")) << key;
  }
}

}  // namespace
}  // namespace nacre::images::tar
