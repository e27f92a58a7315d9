#include "images/layers/manifest.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "images/stream/memory.h"

namespace nacre::images::layers {
namespace {

TEST(Record, GoesThereAndBack) {
  const std::vector<Record> records = {
      {.kind = 'd', .mode = 0755, .path = "."},
      {.kind = 'o', .mode = 01777, .uid = 1, .gid = 2, .path = "a"},
      {.kind = 'f',
       .mode = 04755,
       .uid = 4294967294,
       .size = 1ULL << 40U,
       .content = ~0ULL,
       .path = "usr/bin/su"},
      {.kind = 'f', .content = 0, .attributes = 5, .path = "x"},
      {.kind = 'l', .size = 3, .content = 7, .path = "l"},
      {.kind = 'c', .mode = 0666, .size = 0x103, .path = "dev/null"},
      {.kind = 'b', .size = 0xfff, .attributes = 9, .path = "dev/b"},
      {.kind = 'p', .path = "p"},
      {.kind = 'w', .path = "gone"},
      {.kind = 'f', .path = "\n \\ \x7f \xff \x01 x"}};
  for (const Record& record : records) {
    const std::string line = print_record(record);
    EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7f; })) << line;
    const auto parsed = parse_record(line);
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(*parsed, record) << line;
  }
}

TEST(Record, IsReadable) {
  EXPECT_EQ(
      print_record({.kind = 'f', .mode = 04755, .size = 1234, .content = 0x995d, .path = "a b"}),
      "f 04755 0 0 1234 995d a\\x20b");
  EXPECT_EQ(print_record({.kind = 'c', .mode = 0666, .size = 0x103, .path = "n"}),
            "c 0666 0 0 1:3 - n");
}

TEST(Record, RefusesWhatItWouldNotWrite) {
  for (const char* line : {"",
                           "f",
                           "f 0644 0 0 1 0",
                           "f 0644 0 0 1 0 a b",
                           "x 0644 0 0 1 0 a",
                           "ff 0644 0 0 1 0 a",
                           "f 0988 0 0 1 0 a",
                           "f 010000 0 0 1 0 a",
                           "f 0644 -1 0 1 0 a",
                           "f 0644 0 4294967296 1 0 a",
                           "f 0644 0 0 - 0 a",
                           "f 0644 0 0 1 - a",
                           "f 0644 0 0 1 g a",
                           "f 0644 0 0 1 0/0 a",
                           "f 0644 0 0 1 0/1/2 a",
                           "d 0644 0 0 1 - a",
                           "d 0644 0 0 - 1 a",
                           "c 0644 0 0 1 - a",
                           "c 0644 0 0 1:2:3 - a",
                           "f 0644 0 0 1 0 ",
                           "f 0644 0 0 1 0 \\",
                           "f 0644 0 0 1 0 \\x2",
                           "f 0644 0 0 1 0 \\xzz",
                           "f 0644 0 0 1 0 \\n20"})
    EXPECT_FALSE(parse_record(line)) << line;
}

TEST(Walk, PutsADirectorysContentRightAfterIt) {
  const std::vector<std::string> order = {".",   "a",  "a/b", "a/b/c", "a/z", "a-b",
                                          "a.b", "a0", "ab",  "b",     "\xff"};
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = 0; j < order.size(); ++j)
      EXPECT_EQ(walks_before(order[i], order[j]), i < j) << order[i] << ' ' << order[j];
  }
}

Result<std::vector<Record>> read(const std::string& text, std::size_t at_once = 7) {
  MemorySource source(text, at_once);
  ManifestReader reader(source);
  std::vector<Record> records;
  for (;;) {
    auto record = NACRE_TRY(reader.next());
    if (!record) return records;
    records.push_back(*std::move(record));
  }
}

TEST(Manifest, GoesThereAndBack) {
  MemorySink sink;
  ManifestWriter writer(sink);
  std::vector<Record> records = {{.kind = 'd', .mode = 0755, .path = "."}};
  for (int i = 10000; i < 15000; ++i)
    records.push_back({.kind = 'f', .size = 3, .content = 4, .path = "f" + std::to_string(i)});
  for (const Record& record : records) ASSERT_TRUE(writer.add(record));
  ASSERT_TRUE(writer.finish());
  const auto back = read(sink.text(), 1000);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(*back, records);
}

TEST(Manifest, SaysWhatIsWrongWithIt) {
  const std::string title = "nacre-layer-manifest 1\n";
  const auto error = [](const std::string& text) {
    const auto records = read(text);
    return records ? "none" : records.error().message();
  };
  EXPECT_EQ(error(title + "end 0\n"), "none");
  EXPECT_NE(error("").find("cut off"), std::string::npos);
  EXPECT_NE(error(title).find("cut off"), std::string::npos);
  EXPECT_NE(error(title + "p 0644 0 0 - - a\n").find("cut off"), std::string::npos);
  EXPECT_NE(error(title + "p 0644 0 0 - - a\nend 1").find("cut off"), std::string::npos);
  EXPECT_NE(error(title + "p 0644 0 0 - - a\nend 2\n").find("after 1 entries"), std::string::npos);
  EXPECT_NE(error("nacre-layer-manifest 2\nend 0\n").find("starts with"), std::string::npos);
  EXPECT_NE(error(title + "p 0644 0 0 - - b\np 0644 0 0 - - a\nend 2\n").find("line 3: not sorted"),
            std::string::npos);
  EXPECT_NE(error(title + "p 0644 0 0 - - a\np 0644 0 0 - - a\nend 2\n").find("not sorted"),
            std::string::npos);
  EXPECT_NE(error(title + "nonsense\n").find("line 2"), std::string::npos);
  EXPECT_NE(error(title + std::string(200'000, 'x')).find("too long"), std::string::npos);
}

}  // namespace
}  // namespace nacre::images::layers
