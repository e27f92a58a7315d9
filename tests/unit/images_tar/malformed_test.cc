// What is cut off, over a limit, or without a name; and that nothing is read behind an error.
#include <gmock/gmock.h>

#include "tests/unit/images_tar/archives.h"

namespace nacre::images::tar {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

TEST(MalformedTest, CutOffAnywhere) {
  const std::string first = pax({{"path", "first"}}) + file("x", std::string(700, 'c'));
  const std::string archive = first + Block("second", '5').sealed();
  for (std::size_t size = 1; size < archive.size(); ++size) {
    for (const How how : {How::kRead, How::kSkip}) {
      const Read all = read_archive(archive.substr(0, size), 333, how);
      if (size == first.size()) {
        EXPECT_EQ(all.message(), "no error");
      } else {
        ASSERT_TRUE(all.error) << size;
        EXPECT_EQ(all.error->code(), ErrorCode::kInvalidArgument) << size;
        EXPECT_THAT(all.message(), HasSubstr("ends"));
      }
    }
  }
}

TEST(MalformedTest, ErrorsSayWhereAndWhat) {
  const Read cut = read_archive(file("first", "1") + file("dir/second", "12345").substr(0, 514));
  EXPECT_EQ(
      cut.message(),
      "tar archive, byte 1024, \"dir/second\": the archive ends 3 bytes before the entry does");
  const Read wrong = read_archive(file("first", "1") + Block("x").sealed(false, 1));
  EXPECT_THAT(wrong.message(), StartsWith("tar archive, byte 1024: the header's checksum is"));
}

TEST(MalformedTest, NothingIsReadBehindAnError) {
  const std::string archive = Block("odd", 'Z').sealed() + file("next", "1") + end_blocks();
  MemorySource source(archive);
  Reader reader(source);
  EXPECT_EQ(reader.next().error().code(), ErrorCode::kUnsupported);
  EXPECT_EQ(reader.next().error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_FALSE(reader.view());
  EXPECT_FALSE(reader.drain());
}

TEST(MalformedTest, TheSourcesErrorIsKept) {
  class BrokenSource final : public Source {
   public:
    Result<std::size_t> read(Buffer) override {
      return fail(Error::from_errno(Errno{EIO}, "read blob"));
    }
  };
  BrokenSource source;
  Reader reader(source);
  const auto next = reader.next();
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().sys_errno(), EIO);
  EXPECT_THAT(next.error().message(), HasSubstr("read blob"));
}

TEST(MalformedTest, WithoutNames) {
  EXPECT_THAT(read_archive(Block("").sealed()).message(), HasSubstr("no name"));
  for (const char type : {'1', '2'})
    EXPECT_THAT(read_archive(Block("l", type).sealed()).message(), HasSubstr("no target"));
}

TEST(MalformedTest, NumbersThatAreNone) {
  for (const std::size_t at : std::vector<std::size_t>{100, 108, 116, 124, 136}) {
    Block block("name");
    block.at(at, "9999999");
    EXPECT_THAT(read_archive(block.sealed()).message(),
                AllOf(HasSubstr("\"name\""), HasSubstr("not an octal number")))
        << at;
  }
  for (const std::size_t at : std::vector<std::size_t>{108, 116, 124}) {
    Block block("name");
    block.at(at, std::string(at == 124 ? 12 : 8, '\xFF'));
    EXPECT_THAT(read_archive(block.sealed()).message(), HasSubstr("is negative")) << at;
  }
  Block device("name", '3');
  device.at(329, "x");
  EXPECT_THAT(read_archive(device.sealed()).message(), HasSubstr("device major"));
}

TEST(MalformedTest, LongPaths) {
  const auto path_of = [](std::size_t size) {
    std::string path;
    while (path.size() < size) path += path.size() % 200 == 199 ? '/' : 'p';
    path.back() = 'p';
    return path;
  };
  const auto archive = [](const std::string& path) {
    return pax({{"path", path}}) + Block("x").sealed() + end_blocks();
  };
  EXPECT_EQ(read_archive(archive(path_of(4096))).message(), "no error");
  EXPECT_THAT(read_archive(archive(path_of(4097))).message(),
              HasSubstr("4097 bytes, more than 4096"));
  EXPECT_EQ(read_archive(archive(std::string(255, 'n') + "/" + std::string(255, 'n'))).message(),
            "no error");
  for (const std::string& path : {std::string(256, 'n'), "a/" + std::string(256, 'n') + "/b"})
    EXPECT_THAT(read_archive(archive(path)).message(), HasSubstr("256 bytes, more than 255"));
}

TEST(MalformedTest, LongTargets) {
  const auto archive = [](char type, const std::string& target) {
    return pax({{"linkpath", target}}) + Block("x", type).sealed() + end_blocks();
  };
  // A symlink's target is any text, a hard link's is a path.
  EXPECT_EQ(read_archive(archive('2', std::string(4096, 't'))).message(), "no error");
  EXPECT_THAT(read_archive(archive('2', std::string(4097, 't'))).message(),
              HasSubstr("link target"));
  EXPECT_THAT(read_archive(archive('1', std::string(256, 't'))).message(),
              HasSubstr("link target"));
}

TEST(MalformedTest, LimitsAreTheCallers) {
  const Limits limits{.path_bytes = 10, .name_bytes = 3, .extended_header_bytes = 20};
  const auto refusal = [&](const std::string& archive) {
    return read_archive(archive + end_blocks(), 1 << 20, How::kRead, limits).message();
  };
  EXPECT_EQ(refusal(Block("abc/def/gh", '5').sealed()), "no error");
  EXPECT_THAT(refusal(Block("abc/def/ghi", '5').sealed()), HasSubstr("11 bytes, more than 10"));
  EXPECT_THAT(refusal(Block("abc/defg", '5').sealed()), HasSubstr("4 bytes, more than 3"));
  EXPECT_THAT(refusal(Block("././@LongLink", 'L').size(21).sealed() + padded(std::string(21, 'a'))),
              HasSubstr("21 bytes, more than 20"));
}

TEST(MalformedTest, LargeExtendedHeaders) {
  for (const std::size_t size : std::vector<std::size_t>{262'000, 262'144, 263'000, 1'000'000}) {
    const std::string value(size, 'v');
    const Entry entry = read_one(extended('x', record("comment", value) + record("path", "end")) +
                                 Block("x").sealed());
    EXPECT_EQ(entry.path, "end") << size;
  }
  const Read over = read_archive(extended('x', record("comment", std::string(1 << 20, 'v'))));
  ASSERT_TRUE(over.error);
  EXPECT_EQ(over.error->code(), ErrorCode::kResourceExhausted);
  // The announced size alone must not reserve anything.
  const Read huge = read_archive(Block("x", 'x').at(124, "77777777777").sealed());
  ASSERT_TRUE(huge.error);
  EXPECT_EQ(huge.error->code(), ErrorCode::kResourceExhausted);
}

TEST(MalformedTest, AFileAsLargeAsNumbersGo) {
  Block block("huge", '0', Magic::kGnu);
  block.at(124, std::string("\x80\0\0\0\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12));
  for (const How how : {How::kRead, How::kView, How::kSkip}) {
    const Read all = read_archive(block.sealed() + "some", 1 << 20, how);
    ASSERT_EQ(all.entries.size(), 1U);
    EXPECT_EQ(all.entries[0].size, 9223372036854775807U);
    EXPECT_THAT(all.message(), HasSubstr("the archive ends"));
  }
}

}  // namespace
}  // namespace nacre::images::tar
