#include "oci-spec/image/digest.h"

#include <gtest/gtest.h>

#include "tests/unit/oci-spec-image/samples.h"

namespace nacre::oci {
namespace {

using test::IsInvalid;
using testing::HasSubstr;

const std::string kHex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

TEST(DigestTest, Parts) {
  const auto digest = Digest::parse("sha256:" + kHex);
  ASSERT_THAT(digest, test::Succeeds());
  EXPECT_FALSE(digest->empty());
  EXPECT_EQ(digest->text(), "sha256:" + kHex);
  EXPECT_EQ(digest->algorithm(), "sha256");
  EXPECT_EQ(digest->hex(), kHex);
  EXPECT_EQ(digest->short_hex(), "0123456789ab");
}

TEST(DigestTest, Sha512) {
  const auto digest = Digest::parse("sha512:" + kHex + kHex);
  ASSERT_THAT(digest, test::Succeeds());
  EXPECT_EQ(digest->algorithm(), "sha512");
  EXPECT_EQ(digest->hex(), kHex + kHex);
}

TEST(DigestTest, Empty) {
  const Digest digest;
  EXPECT_TRUE(digest.empty());
  EXPECT_EQ(digest.algorithm(), "");
  EXPECT_EQ(digest.hex(), "");
  EXPECT_EQ(digest.short_hex(), "");
  EXPECT_EQ(digest.text(), "");
}

TEST(DigestTest, FromRawBytes) {
  std::string raw;
  for (int i = 0; i < 4; ++i) raw += "\x01\x23\x45\x67\x89\xab\xcd\xef";
  EXPECT_EQ(Digest::sha256(raw), Digest::parse("sha256:" + kHex));
  EXPECT_EQ(Digest::sha512(raw + raw), Digest::parse("sha512:" + kHex + kHex));
  EXPECT_EQ(Digest::sha256(std::string(32, '\0')).hex(), std::string(64, '0'));
  EXPECT_TRUE(Digest::sha256(raw.substr(1)).empty());
  EXPECT_TRUE(Digest::sha256(raw + raw).empty());
  EXPECT_TRUE(Digest::sha512(raw).empty());
}

TEST(DigestTest, IsOrderedByText) {
  EXPECT_LT(test::digest('1'), test::digest('2'));
  EXPECT_NE(test::digest('1'), test::digest('2'));
  EXPECT_LT(Digest(), test::digest('0'));
}

// CVE-2024-3727: what passes here becomes a file name.
TEST(DigestTest, Refusals) {
  const std::pair<std::string, std::string_view> rows[] = {
      {"", "expected an algorithm"},
      {"sha256", "expected an algorithm"},
      {kHex, "expected an algorithm"},
      {":", "neither"},
      {":" + kHex, "neither"},
      {"md5:" + kHex.substr(0, 32), "neither \"sha256\" nor \"sha512\""},
      {"sha384:" + kHex + kHex.substr(0, 32), "neither"},
      {"SHA256:" + kHex, "neither"},
      {" sha256:" + kHex, "neither"},
      {"sha256+b64:" + kHex, "neither"},
      {"../sha256:" + kHex, "neither"},
      {"sha256:", "sha256 has 64 hexadecimal digits, not 0"},
      {"sha256:" + kHex.substr(1), "not 63"},
      {"sha256:" + kHex + '0', "not 65"},
      {"sha256:" + kHex + '\n', "not 65"},
      {"sha256:" + kHex + kHex, "not 128"},
      {"sha512:" + kHex, "sha512 has 128 hexadecimal digits, not 64"},
      {"sha256:" + kHex.substr(1) + 'A', "0-9 and a-f"},
      {"sha256:" + kHex.substr(1) + 'g', "0-9 and a-f"},
      {"sha256:" + kHex.substr(1) + '/', "0-9 and a-f"},
      {"sha256:" + kHex.substr(1) + '\0', "0-9 and a-f"},
      {"sha256:../" + kHex.substr(3), "0-9 and a-f"},
      {"sha256:" + kHex.substr(2) + "\xC3\xA9", "0-9 and a-f"},
  };
  for (const auto& [written, reason] : rows)
    EXPECT_THAT(Digest::parse(written), IsInvalid(HasSubstr(std::string(reason)))) << written;
}

TEST(DigestTest, Sentence) {
  EXPECT_THAT(
      Digest::parse("latest"),
      IsInvalid("digest \"latest\": expected an algorithm, a colon and hexadecimal digits"));
  EXPECT_LT(Digest::parse(std::string(1 << 20, 'x')).error().message().size(), 300U);
}

}  // namespace
}  // namespace nacre::oci
