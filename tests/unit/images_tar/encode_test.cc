// Headers as they are written, byte by byte.
#include "images/tar/encode.h"

#include <gmock/gmock.h>

#include "tests/unit/images_tar/archives.h"

namespace nacre::images::tar {
namespace {

using testing::HasSubstr;

Entry entry_of(Type type, std::string path) {
  Entry entry;
  entry.type = type;
  entry.path = std::move(path);
  if (type == Type::kSymlink || type == Type::kHardLink) entry.link_target = "target";
  return entry;
}

std::string refusal(const Entry& entry) {
  const auto headers = encode_headers(entry);
  return headers ? "no error" : headers.error().message();
}

TEST(EncodeTest, AHeaderByteByByte) {
  Entry entry = entry_of(Type::kFile, "usr/bin/x");
  entry.mode = 04755;
  entry.uid = 1000;
  entry.gid = 1001;
  entry.size = 12345;
  entry.mtime = {1700000000, 0};
  entry.uname = "user";
  entry.gname = "group";
  const auto headers = encode_headers(entry);
  ASSERT_TRUE(headers);
  std::string expected(512, '\0');
  const auto put = [&](std::size_t at, std::string_view text) {
    expected.replace(at, text.size(), text);
  };
  put(0, "usr/bin/x");
  put(100, "0004755");
  put(108, "0001750");
  put(116, "0001751");
  put(124, "00000030071");
  put(136, "14524770400");
  put(156, "0");
  put(257, std::string_view("ustar\00000", 8));
  put(265, "user");
  put(297, "group");
  put(329, "0000000");
  put(337, "0000000");
  unsigned sum = 8 * ' ';
  for (const char c : expected) sum += static_cast<unsigned char>(c);
  char text[8];
  ASSERT_EQ(std::snprintf(text, sizeof text, "%06o", sum), 6);
  put(148, std::string(text) + '\0' + ' ');
  EXPECT_EQ(*headers, expected);
}

TEST(EncodeTest, OnlyWhatUstarCannotHoldGoesIntoPax) {
  const auto records = [](const Entry& entry) -> std::string {
    const auto headers = encode_headers(entry);
    if (!headers) return headers.error().message();
    if (headers->size() == kBlock) return "";
    EXPECT_EQ((*headers)[156], 'x');
    return headers->substr(kBlock, headers->size() - 2 * kBlock).c_str();
  };
  Entry plain = entry_of(Type::kFile, std::string(155, 'p') + "/" + std::string(100, 'n'));
  plain.uid = plain.gid = 07777777;
  plain.size = 077777777777;
  plain.mtime = {077777777777, 0};
  plain.uname = plain.gname = std::string(31, 'u');
  EXPECT_EQ(records(plain), "");

  Entry entry = entry_of(Type::kFile, "x");
  entry.uid = 010000000;
  EXPECT_EQ(records(entry), "15 uid=2097152\n");
  entry = entry_of(Type::kFile, "x");
  entry.size = 0100000000000;
  EXPECT_EQ(records(entry), "19 size=8589934592\n");
  entry = entry_of(Type::kFile, "x");
  entry.mtime = {-2, 500000000};
  EXPECT_EQ(records(entry), "14 mtime=-1.5\n");
  entry = entry_of(Type::kFile, "x");
  entry.mtime = {0100000000000, 0};
  EXPECT_EQ(records(entry), "20 mtime=8589934592\n");
  entry = entry_of(Type::kFile, "caf\xC3\xA9");
  EXPECT_EQ(records(entry), "14 path=caf\xC3\xA9\n");
  entry = entry_of(Type::kSymlink, "x");
  entry.link_target = std::string(101, 't');
  EXPECT_EQ(records(entry), "115 linkpath=" + std::string(101, 't') + "\n");
  entry = entry_of(Type::kFile, "x");
  entry.uname = std::string(32, 'u');
  EXPECT_EQ(records(entry), "42 uname=" + std::string(32, 'u') + "\n");
  entry = entry_of(Type::kFile, "x");
  entry.xattrs = {{"user.b", "2"}, {"user.a", ""}, {"user.c=d", "\1"}, {"user.%25", "e"}};
  EXPECT_EQ(records(entry),
            "34 LIBARCHIVE.xattr.user.%2525=ZQ\n24 SCHILY.xattr.user.a=\n"
            "25 SCHILY.xattr.user.b=2\n34 LIBARCHIVE.xattr.user.c%3Dd=AQ\n");
}

TEST(EncodeTest, RecordsAroundTheirOwnLengths) {
  for (std::size_t size = 80; size < 130; ++size) {
    Entry entry = entry_of(Type::kFile, "x");
    entry.xattrs = {{"user.a", std::string(size, 'v')}};
    const auto headers = encode_headers(entry);
    ASSERT_TRUE(headers);
    EXPECT_EQ(read_one(*headers).xattrs, entry.xattrs) << size;
  }
}

TEST(EncodeTest, PathsAroundTheSplit) {
  for (const std::size_t prefix : std::vector<std::size_t>{1, 50, 99, 100, 154, 155, 156, 200}) {
    for (const std::size_t name : std::vector<std::size_t>{1, 50, 98, 99, 100, 101, 200}) {
      for (const char* end : {"", "/"}) {
        const std::string path = std::string(prefix, 'p') + "/" + std::string(name, 'n') + end;
        const auto headers = encode_headers(entry_of(Type::kDirectory, path));
        ASSERT_TRUE(headers);
        EXPECT_EQ(read_one(*headers).path, path) << prefix << ' ' << name;
      }
    }
  }
  const std::string slashes = std::string(120, '/') + "x";
  EXPECT_EQ(read_one(*encode_headers(entry_of(Type::kFile, slashes))).path, slashes);
}

TEST(EncodeTest, WhatNoArchiveCanHold) {
  EXPECT_THAT(refusal(entry_of(Type::kFile, "")), HasSubstr("path is empty"));
  EXPECT_THAT(refusal(entry_of(Type::kFile, "a/")), HasSubstr("ends with a slash"));
  EXPECT_THAT(refusal(entry_of(Type::kFile, std::string("a\0b", 3))), HasSubstr("NUL"));
  Entry entry = entry_of(Type::kSymlink, "l");
  entry.link_target.clear();
  EXPECT_THAT(refusal(entry), HasSubstr("no target"));
  entry = entry_of(Type::kDirectory, "d");
  entry.size = 1;
  EXPECT_THAT(refusal(entry), HasSubstr("only a file has data"));
  entry = entry_of(Type::kFile, "f");
  entry.sparse = true;
  EXPECT_THAT(refusal(entry), HasSubstr("written whole"));
  entry = entry_of(Type::kFile, "f");
  entry.mode = 0100644;
  EXPECT_THAT(refusal(entry), HasSubstr("twelve bits"));
  entry = entry_of(Type::kCharDevice, "f");
  entry.device_minor = 010000000;
  EXPECT_THAT(refusal(entry), HasSubstr("device number"));
  entry = entry_of(Type::kFile, "f");
  entry.uid = std::uint64_t{1} << 63U;
  EXPECT_THAT(refusal(entry), HasSubstr("63 bits"));
  entry = entry_of(Type::kFile, "f");
  entry.mtime = {0, 1'000'000'000};
  EXPECT_THAT(refusal(entry), HasSubstr("nanoseconds"));
  entry = entry_of(Type::kFile, "f");
  entry.xattrs = {{"", "v"}};
  EXPECT_THAT(refusal(entry), HasSubstr("no name"));
}

}  // namespace
}  // namespace nacre::images::tar
