// gzip streams made by hand: every field, every way to be cut off or wrong.
#include <gmock/gmock.h>

#include "images/stream/compress.h"
#include "tests/unit/images_stream/gzip_members.h"
#include "tests/unit/images_stream/streams.h"

namespace nacre::images {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

void expect_refused(const std::string& stream, const std::string& reason) {
  for (const std::size_t at_once : std::vector<std::size_t>{1, 7, 1 << 20}) {
    const Outcome outcome = inflate(stream, {}, at_once);
    EXPECT_EQ(outcome.code, ErrorCode::kInvalidArgument) << at_once;
    EXPECT_THAT(outcome.text, StartsWith("gzip, byte "));
    EXPECT_THAT(outcome.text, HasSubstr(reason));
  }
}

TEST(GzipTest, EveryCombinationOfHeaderFields) {
  for (unsigned flags = 0; flags < 32; ++flags) {
    for (const std::size_t at_once : std::vector<std::size_t>{1, 1 << 20})
      EXPECT_EQ(inflate(gzip_member("content", flags), {}, at_once), (Outcome{"content", {}}))
          << flags;
  }
}

TEST(GzipTest, AWrongHeaderChecksum) {
  std::string member = gzip_member("content", 2);
  member[10] = static_cast<char>(member[10] ^ 1);
  expect_refused(member, "checksum of a member's header");
}

TEST(GzipTest, ReservedFlagsAndOtherMethods) {
  for (const unsigned flag : {0x20U, 0x40U, 0x80U})
    expect_refused(gzip_header(flag) + stored_block("x") + gzip_trailer("x"), "reserved flags");
  std::string member = gzip_member("x");
  member[2] = 7;
  expect_refused(member, "compression method 7 is not deflate");
}

TEST(GzipTest, ANameWithoutEnd) {
  expect_refused(gzip_header(0).replace(3, 1, 1, 8) + std::string(70000, 'n'), "has no end");
}

TEST(GzipTest, NothingInIt) {
  EXPECT_EQ(inflate(gzip_member("")), (Outcome{"", {}}));
  EXPECT_EQ(inflate(gzip_member("") + gzip_member("")), (Outcome{"", {}}));
}

TEST(GzipTest, ManyMembersAreOneStream) {
  std::string stream;
  std::string text;
  for (unsigned i = 0; i < 50; ++i) {
    const std::string part = mixed_text(i * 131 % 5000, i);
    text += part;
    stream += gzip_member(part, i % 32);
  }
  for (const std::size_t in : std::vector<std::size_t>{1, 3, 100, 1 << 20}) {
    for (const std::size_t out : std::vector<std::size_t>{1000, 1 << 16})
      EXPECT_EQ(inflate(stream, {}, in, out), (Outcome{text, {}})) << in << ' ' << out;
  }
  EXPECT_EQ(inflate(stream, {}, 1, 1), (Outcome{text, {}}));
}

TEST(GzipTest, ZerosMayFollow) {
  for (const std::size_t zeros : std::vector<std::size_t>{1, 511, 10240, 1'000'000})
    EXPECT_EQ(inflate(gzip_member("content") + std::string(zeros, '\0')), (Outcome{"content", {}}));
}

TEST(GzipTest, NothingElseMayFollow) {
  const std::string member = gzip_member("content");
  expect_refused(member + "garbage!!!", "neither a member nor zeros");
  expect_refused(member + "\x1F", "ends inside a member's header");
  expect_refused(member + std::string(600, '\0') + "x", "is not zero");
  expect_refused(member + std::string(600, '\0') + member, "is not zero");
  const Outcome outcome = inflate(member + std::string(600, '\0') + "x");
  EXPECT_THAT(outcome.text, StartsWith("gzip, byte " + std::to_string(member.size() + 600)));
}

TEST(GzipTest, WrongChecksumAndWrongLength) {
  const std::string member = gzip_member("content");
  for (std::size_t at = member.size() - 8; at < member.size(); ++at) {
    std::string wrong = member;
    wrong[at] = static_cast<char>(wrong[at] ^ 0x10);
    expect_refused(wrong, "checksum or length");
  }
  std::string wrong = member;
  wrong[16] = static_cast<char>(wrong[16] ^ 1);  // in the content
  expect_refused(wrong, "checksum or length");
}

TEST(GzipTest, CutOffAnywhere) {
  const std::string stream = gzip_member("one", 31) + gzip_member("two", 31);
  const std::size_t first = stream.size() / 2;
  for (std::size_t size = 3; size < stream.size(); ++size) {
    const Outcome outcome = inflate(stream.substr(0, size), {}, size % 2 == 0 ? 1 : 1 << 20);
    if (size == first) {
      EXPECT_EQ(outcome, (Outcome{"one", {}}));
    } else {
      EXPECT_EQ(outcome.code, ErrorCode::kInvalidArgument) << size;
      EXPECT_THAT(outcome.text, HasSubstr("ends inside a member")) << size;
    }
  }
}

TEST(GzipTest, BrokenDeflate) {
  expect_refused(gzip_header() + '\x07' + std::string(20, '\0'), "none of deflate's");  // type 3
  std::string block = stored_block("content");
  block[3] = static_cast<char>(block[3] ^ 1);  // the length's complement
  expect_refused(gzip_header() + block + gzip_trailer("content"), "none of deflate's");
  // Fixed codes, length 3, distance 1, before there is anything: 1 10 | 0000001 | 00000 ...
  expect_refused(gzip_header() + std::string("\x03\x02\x00\x00", 4) + std::string(20, '\0'),
                 "starts before the data");
}

TEST(GzipTest, EveryFlippedBitIsNoticedOrHarmless) {
  const std::string text = mixed_text(3000, 10);
  MemorySink out;
  auto sink = compress(out, Compression::kGzip);
  ASSERT_TRUE(sink && (*sink)->write(as_bytes(text)) && (*sink)->finish());
  for (std::size_t at = 10; at < out.text().size(); ++at) {
    std::string wrong = out.text();
    wrong[at] = static_cast<char>(wrong[at] ^ (1 << at % 8));
    const Outcome outcome = inflate(wrong);
    EXPECT_TRUE(outcome.code.has_value() || outcome.text == text) << at;
  }
}

TEST(GzipTest, SmallPiecesGiveTheSame) {
  const std::string text = mixed_text(300'000, 11);
  MemorySink out;
  auto sink = compress(out, Compression::kGzip);
  ASSERT_TRUE(sink && (*sink)->write(as_bytes(text)) && (*sink)->finish());
  for (const auto& [in, to] :
       {std::pair(1, 65536), std::pair(1 << 20, 1), std::pair(17, 13), std::pair(1 << 20, 1 << 20)})
    EXPECT_EQ(inflate(out.text(), {}, static_cast<std::size_t>(in), static_cast<std::size_t>(to)),
              (Outcome{text, {}}))
        << in << ' ' << to;
}

}  // namespace
}  // namespace nacre::images
