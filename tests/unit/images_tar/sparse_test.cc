// Sparse files in GNU's four ways.
#include <gmock/gmock.h>

#include "tests/unit/images_tar/archives.h"

namespace nacre::images::tar {
namespace {

using testing::HasSubstr;
using Runs = std::vector<Extent>;

std::string number(std::uint64_t value) {
  char field[12];
  Block("").octal(field, value);
  return {field, sizeof field};
}
std::string runs_text(const Runs& runs, std::size_t from, std::size_t count) {
  std::string text;
  for (std::size_t i = from; i < std::min(from + count, runs.size()); ++i)
    text += number(runs[i].offset) + number(runs[i].size);
  return text;
}
std::uint64_t sum(const Runs& runs) {
  std::uint64_t total = 0;
  for (const Extent& run : runs) total += run.size;
  return total;
}
std::string content(std::uint64_t size) {
  std::string text;
  while (text.size() < size) text += static_cast<char>('a' + text.size() % 26);
  return text;
}

std::string old_gnu(const Runs& runs, std::uint64_t size) {
  Block block("sparse", 'S', Magic::kGnu);
  block.size(sum(runs)).at(386, runs_text(runs, 0, 4)).at(483, number(size));
  if (runs.size() > 4) block.at(482, "\1");
  std::string out = block.sealed();
  for (std::size_t at = 4; at < runs.size(); at += 21) {
    std::string more = padded(runs_text(runs, at, 21));
    if (at + 21 < runs.size()) more[504] = '\1';
    out += more;
  }
  return out + padded(content(sum(runs)));
}

std::string pax_00(const Runs& runs, std::uint64_t size) {
  std::vector<std::pair<std::string, std::string>> records = {
      {"GNU.sparse.size", std::to_string(size)},
      {"GNU.sparse.numblocks", std::to_string(runs.size())}};
  for (const Extent& run : runs) {
    records.emplace_back("GNU.sparse.offset", std::to_string(run.offset));
    records.emplace_back("GNU.sparse.numbytes", std::to_string(run.size));
  }
  return pax(records) + file("sparse", content(sum(runs)));
}

std::string pax_01(const Runs& runs, std::uint64_t size) {
  std::string map;
  for (const Extent& run : runs) {
    if (!map.empty()) map += ',';
    map += std::to_string(run.offset) + ',' + std::to_string(run.size);
  }
  return pax({{"GNU.sparse.size", std::to_string(size)},
              {"GNU.sparse.numblocks", std::to_string(runs.size())},
              {"GNU.sparse.name", "sparse"},
              {"GNU.sparse.map", map}}) +
         file("./GNUSparseFile.1/sparse", content(sum(runs)));
}

std::string pax_10(const Runs& runs, std::uint64_t size) {
  std::string map = std::to_string(runs.size()) + '\n';
  for (const Extent& run : runs)
    map += std::to_string(run.offset) + '\n' + std::to_string(run.size) + '\n';
  return pax({{"GNU.sparse.major", "1"},
              {"GNU.sparse.minor", "0"},
              {"GNU.sparse.name", "sparse"},
              {"GNU.sparse.realsize", std::to_string(size)}}) +
         file("./GNUSparseFile.1/sparse", padded(map) + content(sum(runs)));
}

using Form = std::string (*)(const Runs&, std::uint64_t);
constexpr Form kForms[] = {old_gnu, pax_00, pax_01, pax_10};

void expect_sparse(const std::string& archive, const Runs& runs, std::uint64_t size) {
  for (const How how : {How::kRead, How::kView, How::kSkip}) {
    const Read all = read_archive(archive + file("next", "n") + end_blocks(), 999, how);
    ASSERT_EQ(all.entries.size(), 2U) << all.message();
    const Entry& entry = all.entries[0];
    EXPECT_EQ(entry.path, "sparse");
    EXPECT_EQ(entry.type, Type::kFile);
    EXPECT_TRUE(entry.sparse);
    EXPECT_EQ(entry.size, size);
    EXPECT_EQ(entry.extents, runs);
    EXPECT_EQ(all.data[0], how == How::kSkip ? "" : content(sum(runs)));
    EXPECT_EQ(all.entries[1].path, "next");
    EXPECT_FALSE(all.entries[1].sparse);
  }
}

TEST(SparseTest, EveryFormWithManyRuns) {
  for (const Form form : kForms) {
    for (const std::size_t count : std::vector<std::size_t>{1, 3, 4, 5, 25, 26, 46, 47, 300}) {
      Runs runs;
      for (std::uint64_t i = 0; i < count; ++i) runs.push_back({i * 1000 + i % 7, 100 + i % 800});
      expect_sparse(form(runs, count * 1000 + 5), runs, count * 1000 + 5);
    }
  }
}

TEST(SparseTest, WritersEndTheListWithAnEmptyRun) {
  for (const Form form : kForms) {
    expect_sparse(form({{512, 10}, {4096, 0}}, 4096), {{512, 10}}, 4096);
    expect_sparse(form({{4096, 0}}, 4096), {}, 4096);  // nothing but a hole
  }
}

TEST(SparseTest, LargerThanTheHeaderCanSay) {
  const std::uint64_t huge = std::uint64_t{1} << 40U;
  for (const Form form : {Form(pax_00), Form(pax_01), Form(pax_10)})
    expect_sparse(form({{huge - 10, 10}}, huge), {{huge - 10, 10}}, huge);
}

TEST(SparseTest, RunsThatCannotBe) {
  for (const Form form : kForms) {
    const auto refusal = [&](const Runs& runs, std::uint64_t size) {
      return read_archive(form(runs, size) + end_blocks()).message();
    };
    EXPECT_THAT(refusal({{100, 10}, {50, 10}}, 1000), HasSubstr("overlap or descend"));
    EXPECT_THAT(refusal({{100, 10}, {109, 10}}, 1000), HasSubstr("overlap or descend"));
    EXPECT_THAT(refusal({{991, 10}}, 1000), HasSubstr("behind the file's end"));
    EXPECT_THAT(refusal({{1001, 0}}, 1000), HasSubstr("behind the file's end"));
    EXPECT_THAT(refusal({{0, 10}, {10, 10}}, 15), HasSubstr("behind the file's end"));
  }
}

TEST(SparseTest, RunsThatAreNotWhatIsStored) {
  Block block("sparse", 'S', Magic::kGnu);
  block.size(9).at(386, runs_text({{0, 10}}, 0, 4)).at(483, number(100));
  EXPECT_THAT(read_archive(block.sealed() + padded("123456789")).message(),
              HasSubstr("have 10 bytes, but 9 are stored"));
  const std::string records = record("GNU.sparse.size", "100") + record("GNU.sparse.map", "0,10");
  EXPECT_THAT(read_archive(extended('x', records) + file("f", "12345678901")).message(),
              HasSubstr("have 10 bytes, but 11 are stored"));
}

TEST(SparseTest, RecordsThatAreNotWhole) {
  const auto refusal = [](const std::vector<std::pair<std::string, std::string>>& records,
                          std::string_view data = "1234567890", char type = '0') {
    return read_archive(pax(records) + Block("f", type).link("t").size(data.size()).sealed() +
                        padded(data) + end_blocks())
        .message();
  };
  EXPECT_THAT(refusal({{"GNU.sparse.map", "0,10"}}), HasSubstr("GNU.sparse.size is missing"));
  EXPECT_THAT(refusal({{"GNU.sparse.major", "1"}, {"GNU.sparse.minor", "0"}}),
              HasSubstr("GNU.sparse.realsize is missing"));
  EXPECT_THAT(refusal({{"GNU.sparse.major", "2"}, {"GNU.sparse.minor", "0"}}),
              HasSubstr("version 2.0"));
  EXPECT_THAT(refusal({{"GNU.sparse.size", "20"}, {"GNU.sparse.offset", "0"}}),
              HasSubstr("no GNU.sparse.numbytes"));
  EXPECT_THAT(refusal({{"GNU.sparse.numbytes", "1"}}), HasSubstr("no offset before it"));
  EXPECT_THAT(refusal({{"GNU.sparse.offset", "1"}, {"GNU.sparse.offset", "2"}}),
              HasSubstr("offset follows an offset"));
  EXPECT_THAT(
      refusal(
          {{"GNU.sparse.size", "20"}, {"GNU.sparse.numblocks", "2"}, {"GNU.sparse.map", "0,10"}}),
      HasSubstr("numblocks is 2, but 1"));
  EXPECT_THAT(refusal({{"GNU.sparse.size", "20"}, {"GNU.sparse.map", "0,10"}}, "", '5'),
              HasSubstr("only a file can be sparse"));
  EXPECT_THAT(refusal({{"GNU.sparse.size", "20"}, {"GNU.sparse.map", "0,10"}}, "1234567890", 'S'),
              HasSubstr("sparse files outside of GNU archives"));
}

TEST(SparseTest, TwoWaysAtOnce) {
  const std::string both =
      pax({{"GNU.sparse.size", "100"}, {"GNU.sparse.map", "0,10"}}) + old_gnu({{0, 10}}, 100);
  EXPECT_THAT(read_archive(both).message(), HasSubstr("sparse in two ways"));
}

TEST(SparseTest, AMapInTheDataThatIsNone) {
  const auto refusal = [](std::string_view map) {
    return read_archive(pax({{"GNU.sparse.major", "1"},
                             {"GNU.sparse.minor", "0"},
                             {"GNU.sparse.realsize", "1000"}}) +
                        file("f", map) + end_blocks())
        .message();
  };
  EXPECT_THAT(refusal(""), HasSubstr("longer than the entry's data"));
  EXPECT_THAT(refusal("1\n0\n10\n"), HasSubstr("longer than the entry's data"));  // not a block
  EXPECT_THAT(refusal(padded("2\n0\n1\n")), HasSubstr("no lines"));  // the padding is no number
  EXPECT_THAT(refusal(padded("1\n-1\n1\n")), HasSubstr("decimal number"));
  EXPECT_THAT(refusal(padded("1\n\n1\n")), HasSubstr("decimal number"));
  EXPECT_THAT(refusal(std::string(512, '1')), HasSubstr("no lines"));
  EXPECT_THAT(refusal(std::string(510, '0') + "1\n"), HasSubstr("no lines"));
}

TEST(SparseTest, RunsAreLimited) {
  Runs runs;
  for (std::uint64_t i = 0; i < 30; ++i) runs.push_back({i * 10, 1});
  for (const Form form : kForms) {
    const std::string archive = form(runs, 1000) + end_blocks();
    EXPECT_EQ(read_archive(archive, 1 << 20, How::kRead, {.extents = 30}).message(), "no error");
    const Read over = read_archive(archive, 1 << 20, How::kRead, {.extents = 29});
    ASSERT_TRUE(over.error);
    EXPECT_EQ(over.error->code(), ErrorCode::kResourceExhausted);
    EXPECT_THAT(over.message(), HasSubstr("more than 29 runs"));
  }
}

TEST(SparseTest, CutOffInTheMap) {
  Runs runs;
  for (std::uint64_t i = 0; i < 30; ++i) runs.push_back({i * 10, 1});
  const std::string archive = old_gnu(runs, 1000);
  for (const std::size_t size : std::vector<std::size_t>{512, 513, 1024, 1500})
    EXPECT_THAT(read_archive(archive.substr(0, size)).message(), HasSubstr("ends in a sparse map"));
  std::string empty_block = archive;
  std::fill(empty_block.begin() + 512, empty_block.begin() + 1024, '\0');
  EXPECT_THAT(read_archive(empty_block).message(), HasSubstr("block of the sparse map is empty"));
}

}  // namespace
}  // namespace nacre::images::tar
