#include "images/tar/writer.h"

#include <gmock/gmock.h>

#include "tests/unit/images_tar/archives.h"

namespace nacre::images::tar {
namespace {

using testing::HasSubstr;

Entry file_of(std::string path, std::uint64_t size) {
  Entry entry;
  entry.path = std::move(path);
  entry.size = size;
  return entry;
}

TEST(WriterTest, AnArchiveIsWholeBlocksAndAnEnd) {
  MemorySink sink;
  Writer writer(sink);
  ASSERT_TRUE(writer.add(file_of("a", 3)));
  ASSERT_TRUE(writer.write(as_bytes("ab")));
  ASSERT_TRUE(writer.write(as_bytes("c")));
  ASSERT_TRUE(writer.add(file_of("b", 512)));
  ASSERT_TRUE(writer.write(as_bytes(std::string(512, 'b'))));
  ASSERT_TRUE(writer.add(file_of("empty", 0)));
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(sink.text().size(), 512U * 7);
  const Read all = read_archive(sink.text());
  ASSERT_EQ(all.entries.size(), 3U) << all.message();
  EXPECT_EQ(all.data[0], "abc");
  EXPECT_EQ(all.data[1], std::string(512, 'b'));
  EXPECT_EQ(all.data[2], "");
}

TEST(WriterTest, NoEntriesAreAnArchiveToo) {
  MemorySink sink;
  Writer writer(sink);
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(sink.text(), end_blocks());
}

TEST(WriterTest, LargeDataInLargeAndSmallPieces) {
  for (const std::size_t piece : std::vector<std::size_t>{1000, 65535, 65536, 300'000, 1'000'000}) {
    std::string content(1'000'000, '\0');
    for (std::size_t i = 0; i < content.size(); ++i)
      content[i] = static_cast<char>(i * 31 + i / 777);
    MemorySink sink;
    Writer writer(sink);
    ASSERT_TRUE(writer.add(file_of("large", content.size())));
    for (std::size_t at = 0; at < content.size(); at += piece)
      ASSERT_TRUE(writer.write(as_bytes(std::string_view(content).substr(at, piece))));
    ASSERT_TRUE(writer.add(file_of("next", 1)));
    ASSERT_TRUE(writer.write(as_bytes("n")));
    ASSERT_TRUE(writer.finish());
    const Read all = read_archive(sink.text());
    ASSERT_EQ(all.entries.size(), 2U) << all.message();
    EXPECT_TRUE(all.data[0] == content);
    EXPECT_EQ(all.data[1], "n");
  }
}

TEST(WriterTest, TooFewAndTooManyBytes) {
  MemorySink sink;
  Writer writer(sink);
  ASSERT_TRUE(writer.add(file_of("a", 3)));
  const auto over = writer.write(as_bytes("abcd"));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(over.error().message(), HasSubstr("1 bytes more"));
  ASSERT_TRUE(writer.write(as_bytes("ab")));
  const auto early = writer.add(file_of("b", 0));
  ASSERT_FALSE(early);
  EXPECT_THAT(early.error().message(), HasSubstr("1 bytes of the entry before \"b\" are missing"));
  EXPECT_FALSE(writer.finish());
  ASSERT_TRUE(writer.write(as_bytes("c")));
  EXPECT_TRUE(writer.finish());
}

TEST(WriterTest, ErrorsNameTheEntry) {
  MemorySink sink;
  Writer writer(sink);
  const auto refused = writer.add(file_of("dir/", 1));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("tar archive, \"dir/\""));
}

TEST(WriterTest, AFullSinkIsReported) {
  MemorySink sink(1000);
  Writer writer(sink);
  ASSERT_TRUE(writer.add(file_of("a", 300'000)));
  const auto written = writer.write(as_bytes(std::string(300'000, 'x')));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace nacre::images::tar
