// Entries, their data, and the archive's end.
#include "images/tar/reader.h"

#include <gmock/gmock.h>

#include "tests/unit/images_tar/archives.h"

namespace nacre::images::tar {
namespace {

using testing::HasSubstr;

std::string text_of(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
  return text;
}

TEST(ReaderTest, DataOfEverySizeInEveryWay) {
  std::string archive;
  std::vector<std::string> contents;
  for (const std::size_t size : std::vector<std::size_t>{0, 1, 511, 512, 513, 1024, 65535, 65536,
                                                         262144, 262145, 700000, 3}) {
    contents.push_back(text_of(size));
    archive += file("f" + std::to_string(size), contents.back());
  }
  archive += end_blocks();
  for (const std::size_t at_once : std::vector<std::size_t>{1, 511, 70000, 1 << 20}) {
    for (const How how : {How::kRead, How::kView, How::kSkip}) {
      if (at_once == 1 && how == How::kRead) continue;
      const Read all = read_archive(archive, at_once, how);
      ASSERT_FALSE(all.error) << all.message();
      ASSERT_EQ(all.entries.size(), contents.size());
      for (std::size_t i = 0; i < contents.size(); ++i) {
        EXPECT_EQ(all.entries[i].size, contents[i].size());
        if (how == How::kSkip) continue;
        EXPECT_TRUE(all.data[i] == contents[i]) << i;
      }
    }
  }
}

TEST(ReaderTest, ReadAndViewMayBeMixedAndLeftHalfway) {
  const std::string content = text_of(300'000);
  const std::string archive = file("a", content) + file("b", "bb") + end_blocks();
  MemorySource source(archive);
  Reader reader(source);
  ASSERT_TRUE(*reader.next());
  std::string into(1000, '-');
  ASSERT_EQ(*reader.read(std::as_writable_bytes(std::span(into))), 1000U);
  EXPECT_EQ(into, content.substr(0, 1000));
  const auto seen = reader.view();
  ASSERT_TRUE(seen);
  EXPECT_EQ(as_text(*seen), std::string_view(content).substr(1000, seen->size()));
  const auto next = reader.next();
  ASSERT_TRUE(next && *next);
  EXPECT_EQ((*next)->path, "b");
  EXPECT_EQ(as_text(*reader.view()), "bb");
  EXPECT_TRUE(reader.view()->empty());
  EXPECT_EQ(*reader.read(std::as_writable_bytes(std::span(into))), 0U);
}

TEST(ReaderTest, TheEndOfAnArchive) {
  const std::string body = file("a", "1");
  for (const std::string& end :
       {std::string(), std::string(512, '\0'), std::string(700, '\0'), std::string(1024, '\0')}) {
    const Read all = read_archive(body + end);
    EXPECT_EQ(all.message(), "no error") << end.size();
    EXPECT_EQ(all.entries.size(), 1U);
    EXPECT_EQ(all.trailing, 0U);
  }
  EXPECT_EQ(read_archive("").entries.size(), 0U);
  EXPECT_EQ(read_archive("").message(), "no error");
  EXPECT_EQ(read_archive(end_blocks()).message(), "no error");
}

TEST(ReaderTest, WhatFollowsTheEndIsReadAndCounted) {
  const Read all = read_archive(file("a", "1") + end_blocks() + std::string(9216, '\0') + "rest");
  EXPECT_EQ(all.message(), "no error");
  EXPECT_EQ(all.trailing, 9220U);
}

TEST(ReaderTest, OneZeroBlockInTheMiddle) {
  const Read all = read_archive(file("a", "1") + std::string(512, '\0') + file("b", "2"));
  EXPECT_EQ(all.entries.size(), 1U);
  EXPECT_THAT(all.message(), HasSubstr("single block of zeros"));
}

TEST(ReaderTest, TheEndStays) {
  MemorySource source(std::string_view{});
  Reader reader(source);
  for (int i = 0; i < 3; ++i) {
    const auto next = reader.next();
    ASSERT_TRUE(next);
    EXPECT_FALSE(*next);
  }
}

TEST(ReaderTest, OffsetsAreThoseOfTheStream) {
  const std::string archive = file("a", "1") + file("b", "2") + end_blocks() + "rest";
  MemorySource source(archive);
  Reader reader(source);
  ASSERT_TRUE(*reader.next());
  EXPECT_EQ(reader.offset(), 512U);
  ASSERT_TRUE(*reader.next());
  EXPECT_EQ(reader.offset(), 1536U);
  ASSERT_FALSE(*reader.next());
  ASSERT_TRUE(reader.drain());
  EXPECT_EQ(reader.offset(), archive.size());
}

TEST(ReaderTest, DrainingBeforeTheEndIsAMistake) {
  const std::string archive = file("a", "1") + end_blocks();
  MemorySource source(archive);
  Reader reader(source);
  ASSERT_TRUE(*reader.next());
  const auto drained = reader.drain();
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().code(), ErrorCode::kFailedPrecondition);
}

TEST(ReaderTest, EveryKindOfEntry) {
  EXPECT_EQ(read_one(Block("x", '0').sealed()).type, Type::kFile);
  EXPECT_EQ(read_one(Block("x", '1').link("t").sealed()).type, Type::kHardLink);
  EXPECT_EQ(read_one(Block("x", '2').link("t").sealed()).type, Type::kSymlink);
  EXPECT_EQ(read_one(Block("x", '3').sealed()).type, Type::kCharDevice);
  EXPECT_EQ(read_one(Block("x", '4').sealed()).type, Type::kBlockDevice);
  EXPECT_EQ(read_one(Block("x", '5').sealed()).type, Type::kDirectory);
  EXPECT_EQ(read_one(Block("x", '6').sealed()).type, Type::kFifo);
}

TEST(ReaderTest, PathsComeAsTheyAre) {
  for (const char* path : {"/etc/passwd", "../../x", "./", ".", "a//b", "a/", "a/../b"})
    EXPECT_EQ(read_one(Block(path, '5').sealed()).path, path);
}

}  // namespace
}  // namespace nacre::images::tar
