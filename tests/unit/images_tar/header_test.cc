// One block: numbers, checksums, and where a path is.
#include "images/tar/header.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/unit/images_tar/archives.h"

namespace nacre::images::tar {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

std::optional<std::int64_t> number(std::string_view field) {
  const auto parsed = parse_number(field);
  if (!parsed) return std::nullopt;
  return parsed->value;
}

std::string base256(std::initializer_list<unsigned> bytes) {
  std::string field;
  for (const unsigned byte : bytes) field += static_cast<char>(byte);
  return field;
}

TEST(TarNumberTest, Octal) {
  EXPECT_EQ(number(std::string_view("0000644\0", 8)), 0644);
  EXPECT_EQ(number(std::string_view("   644 \0", 8)), 0644);
  EXPECT_EQ(number(std::string_view("644\0\0\0\0\0", 8)), 0644);
  EXPECT_EQ(number("77777777"), 077777777);  // no end but the field's
  EXPECT_EQ(number("777777777777"), 0777777777777);
  EXPECT_EQ(number(std::string(8, '\0')), 0);
  EXPECT_EQ(number("        "), 0);
}

TEST(TarNumberTest, NotOctal) {
  for (const std::string_view wrong : {"00006448", "0000 644", "-0000644", "0x000644", "abcdefgh"})
    EXPECT_EQ(number(wrong), std::nullopt) << wrong;
  EXPECT_EQ(number(std::string_view("644\0x\0\0\0", 8)), std::nullopt);
  EXPECT_EQ(number(std::string_view("\0"
                                    "000644 ",
                                    8)),
            std::nullopt);
}

TEST(TarNumberTest, Base256) {
  EXPECT_EQ(number(base256({0x80, 0, 0, 0, 0, 0, 0, 1})), 1);
  EXPECT_EQ(number(base256({0x80, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})), 0xFFFFFFFFFF);
  EXPECT_EQ(number(base256({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})), -1);
  EXPECT_EQ(number(base256({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE})), -2);
  EXPECT_EQ(number(base256({0x80, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})), kMax);
  EXPECT_EQ(number(base256({0xFF, 0xFF, 0xFF, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0})), kMin);
  EXPECT_EQ(number(base256({0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})), 0x3FFFFFFFFFFFFFFF);
}

TEST(TarNumberTest, Base256BeyondItsRangeIsHeldAtTheEnd) {
  for (const auto& field :
       {base256({0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0}),
        base256({0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})}) {
    const auto parsed = parse_number(field);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->exceeds);
    EXPECT_EQ(parsed->value, kMax);
  }
  const auto low = parse_number(base256({0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  ASSERT_TRUE(low);
  EXPECT_TRUE(low->exceeds);
  EXPECT_EQ(low->value, kMin);
}

TEST(TarNumberTest, CountsAreNeitherNegativeNorTooLarge) {
  const auto negative =
      parse_count(base256({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}), "uid");
  ASSERT_FALSE(negative);
  EXPECT_EQ(negative.error().message(), "uid is negative");
  const auto large = parse_count(base256({0x80, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0}), "size");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().message(), "size exceeds 63 bits");
}

TEST(TarHeaderTest, EveryField) {
  Block block("name", '3', Magic::kUstar);
  RawHeader& raw = block.raw();
  block.octal(raw.mode, 0106755).octal(raw.uid, 1000).octal(raw.gid, 1001).octal(raw.mtime, 123456);
  block.set(raw.uname, "user").set(raw.gname, "group").octal(raw.major, 8).octal(raw.minor, 17);
  const Entry entry = read_one(block.sealed());
  EXPECT_EQ(entry.path, "name");
  EXPECT_EQ(entry.type, Type::kCharDevice);
  EXPECT_EQ(entry.mode, 06755U);  // the type's bits that v7 wrote are not a mode
  EXPECT_EQ(entry.uid, 1000U);
  EXPECT_EQ(entry.gid, 1001U);
  EXPECT_EQ(entry.mtime, (Time{123456, 0}));
  EXPECT_EQ(entry.uname, "user");
  EXPECT_EQ(entry.gname, "group");
  EXPECT_EQ(entry.device_major, 8U);
  EXPECT_EQ(entry.device_minor, 17U);
}

TEST(TarHeaderTest, DeviceNumbersOfWhatIsNoDeviceAreIgnored) {
  Block block("name");
  block.set(block.raw().major, "garbage").set(block.raw().minor, "garbage");
  const Entry entry = read_one(block.sealed());
  EXPECT_EQ(entry.path, "name");
  EXPECT_EQ(entry.device_major, 0U);
}

TEST(TarHeaderTest, NegativeAndDistantTimes) {
  Block before("name", '0', Magic::kGnu);
  before.at(136, base256({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE}));
  EXPECT_EQ(read_one(before.sealed()).mtime, (Time{-2, 0}));
  Block far("name", '0', Magic::kGnu);
  far.at(136, base256({0x80, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}));
  EXPECT_EQ(read_one(far.sealed()).mtime, (Time{9223372036, 0}));
  Block farther("name", '0', Magic::kGnu);
  farther.at(136, base256({0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(read_one(farther.sealed()).mtime, (Time{-9223372036, 0}));
}

TEST(TarHeaderTest, ChecksumsOfUnsignedAndSignedCharacters) {
  const std::string name = "na\xC3\xAFve";
  EXPECT_EQ(read_one(Block(name).sealed(false)).path, name);
  EXPECT_EQ(read_one(Block(name).sealed(true)).path, name);
}

TEST(TarHeaderTest, AWrongChecksum) {
  for (const std::int64_t shift : {-1, 1, 256}) {
    const Read all = read_archive(Block("name").sealed(false, shift) + end_blocks());
    ASSERT_TRUE(all.error);
    EXPECT_EQ(all.error->code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(all.message(), HasSubstr("tar archive, byte 0"));
    EXPECT_THAT(all.message(), HasSubstr("checksum"));
  }
  const Read noise = read_archive(std::string(1024, 'x'));
  EXPECT_THAT(noise.message(), HasSubstr("checksum"));
}

TEST(TarHeaderTest, PrefixesByFormat) {
  const std::string long_prefix(155, 'p');
  Block ustar("name");
  ustar.set(ustar.raw().prefix, long_prefix);
  EXPECT_EQ(read_one(ustar.sealed()).path, long_prefix + "/name");

  Block star("name", '0', Magic::kStar);
  star.set(star.raw().prefix, long_prefix);  // its last 24 bytes are times there
  EXPECT_EQ(read_one(star.sealed()).path, std::string(131, 'p') + "/name");

  Block v7("name", '0', Magic::kNone);
  v7.set(v7.raw().prefix, "prefix");
  EXPECT_EQ(read_one(v7.sealed()).path, "name");
}

TEST(TarHeaderTest, GnuHasTimesWhereThePrefixWouldBe) {
  Block gnu("name", '0', Magic::kGnu);
  gnu.at(345, "00000001234").at(357, "00000005670");
  EXPECT_EQ(read_one(gnu.sealed()).path, "name");
}

TEST(TarHeaderTest, APrefixUnderGnusMagicAsGoOnceWrote) {
  Block go("name", '0', Magic::kGnu);
  go.set(go.raw().prefix, "usr/share/doc");
  EXPECT_EQ(read_one(go.sealed()).path, "usr/share/doc/name");
  Block noise("name", '0', Magic::kGnu);
  noise.set(noise.raw().prefix, "no\xFFtimes");
  EXPECT_EQ(read_one(noise.sealed()).path, "name");
}

TEST(TarHeaderTest, NamesThatFillTheirFields) {
  const std::string name(100, 'n');
  const std::string target(100, 't');
  const Entry entry = read_one(Block(name, '2').link(target).sealed());
  EXPECT_EQ(entry.path, name);
  EXPECT_EQ(entry.link_target, target);
}

}  // namespace
}  // namespace nacre::images::tar
