#include "images/reference/reference.h"

#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace nacre::images {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

const std::string kHex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kDigest = "sha256:" + kHex;

struct Row {
  std::string written;
  std::string full;
  std::string familiar;
  std::string object;
};

const Row kRows[] = {
    {"debian", "docker.io/library/debian:latest", "debian:latest", "latest"},
    {"debian:12", "docker.io/library/debian:12", "debian:12", "12"},
    {"debian:12-Slim_x.y", "docker.io/library/debian:12-Slim_x.y", "debian:12-Slim_x.y",
     "12-Slim_x.y"},
    {"debian:_", "docker.io/library/debian:_", "debian:_", "_"},
    {"team/app:v1", "docker.io/team/app:v1", "team/app:v1", "v1"},
    {"localhost:5000/app", "localhost:5000/app:latest", "localhost:5000/app:latest", "latest"},
    {"localhost:5000/app:1", "localhost:5000/app:1", "localhost:5000/app:1", "1"},
    // Without a slash the colon is that of a tag.
    {"localhost:5000", "docker.io/library/localhost:5000", "localhost:5000", "5000"},
    {"[::1]:5000/app:1", "[::1]:5000/app:1", "[::1]:5000/app:1", "1"},
    // A digest wins over a tag, and no tag is made up beside it.
    {"debian@" + kDigest, "docker.io/library/debian@" + kDigest, "debian@" + kDigest, kDigest},
    {"debian:12@" + kDigest, "docker.io/library/debian:12@" + kDigest, "debian:12@" + kDigest,
     kDigest},
    {"ghcr.io/a/b@sha512:" + kHex + kHex, "ghcr.io/a/b@sha512:" + kHex + kHex,
     "ghcr.io/a/b@sha512:" + kHex + kHex, "sha512:" + kHex + kHex},
    {"docker.io/example.com/app:1", "docker.io/example.com/app:1", "docker.io/example.com/app:1",
     "1"},
    // Like an ID, but with a tag it can only be a name.
    {kHex + ":1", "docker.io/library/" + kHex + ":1", kHex + ":1", "1"},
    {"deadbeef", "docker.io/library/deadbeef:latest", "deadbeef:latest", "latest"},
};

TEST(ReferenceTest, ReadsAndShortens) {
  for (const Row& row : kRows) {
    const auto reference = Reference::parse(row.written);
    ASSERT_THAT(reference, test::Succeeds()) << row.written;
    EXPECT_EQ(reference->text(), row.full);
    EXPECT_EQ(reference->familiar(), row.familiar);
    EXPECT_EQ(reference->object(), row.object);
    EXPECT_EQ(Reference::parse(row.full), *reference);
    EXPECT_EQ(Reference::parse(row.familiar), *reference);
  }
}

TEST(ReferenceTest, Parts) {
  const auto reference = Reference::parse("example.com:5000/team/app:v1@" + kDigest);
  ASSERT_THAT(reference, test::Succeeds());
  EXPECT_EQ(reference->host(), "example.com:5000");
  EXPECT_EQ(reference->path(), "team/app");
  EXPECT_EQ(reference->repository().text(), "example.com:5000/team/app");
  EXPECT_EQ(reference->tag(), "v1");
  EXPECT_EQ(reference->digest().text(), kDigest);
  const auto pinned = Reference::parse("app@" + kDigest);
  ASSERT_THAT(pinned, test::Succeeds());
  EXPECT_EQ(pinned->tag(), "");
  const auto tagged = Reference::parse("app");
  ASSERT_THAT(tagged, test::Succeeds());
  EXPECT_TRUE(tagged->digest().empty());
}

TEST(ReferenceTest, SaysWhatIsWrong) {
  const std::pair<std::string, std::string_view> rows[] = {
      {"", "is empty"},
      {" ", "may not have blanks"},
      {" debian", "may not have blanks"},
      {"debian ", "may not have blanks"},
      {"debian\n", "may not have blanks"},
      {std::string("debian\0", 7), "may not have blanks"},
      {"https://example.com/app", "leave out what ends in \"://\""},
      {"docker://debian", "leave out what ends in \"://\""},
      {kHex, "is the ID of an image and not a name"},
      {kDigest, "is the ID of an image and not a name"},
      {"[::1]", "has a host and no repository"},
      {"[::1]:5000", "has a host and no repository"},
      {":12", "the name before the tag or digest is missing"},
      {"@" + kDigest, "the name before the tag or digest is missing"},
      {":@", "the name before the tag or digest is missing"},
      {"debian:", "the tag after ':' is missing"},
      {"debian:@" + kDigest, "the tag after ':' is missing"},
      {"debian:.12", "the tag \".12\" must begin with"},
      {"debian:-12", "the tag \"-12\" must begin with"},
      {"debian:1+2", "the tag \"1+2\" must begin with"},
      {"debian:1\x7F", "the tag \"1\\x7f\" must begin with"},
      {"debian:1:2", "\"debian:1\" has a character that is not"},
      {"debian@", "digest \"\": expected an algorithm"},
      {"debian@12", "digest \"12\": expected an algorithm"},
      {"debian@md5:" + kHex, "the algorithm is neither"},
      {"debian@sha256:" + kHex.substr(1), "sha256 has 64 hexadecimal digits, not 63"},
      {"debian@" + kDigest + "@" + kDigest, "sha256 has 64 hexadecimal digits, not 136"},
      {"debian@" + kDigest + ":12", "sha256 has 64 hexadecimal digits, not 67"},
      {"Debian:12", "\"Debian\" must be in lower case"},
      {"example.com:x/app:1", "the port of \"example.com:x\""},
      {"a:b/c", "the port of \"a:b\""},
      {"app/:1", "nothing before, after or between"},
      {"../../etc/passwd", "\"..\" is not the name of a host"},
  };
  for (const auto& [written, reason] : rows) {
    EXPECT_THAT(Reference::parse(written), test::IsInvalid(HasSubstr(std::string(reason))))
        << written;
  }
}

TEST(ReferenceTest, Sentence) {
  EXPECT_THAT(Reference::parse("debian:"),
              test::IsInvalid("image name \"debian:\": the tag after ':' is missing"));
}

TEST(ReferenceTest, LongestTag) {
  EXPECT_THAT(Reference::parse("a:" + std::string(128, 'x')), test::Succeeds());
  EXPECT_THAT(Reference::parse("a:" + std::string(129, 'x')),
              test::IsInvalid(EndsWith("the tag has 129 characters; at most 128 are allowed")));
}

TEST(ReferenceTest, AnotherTagIsNotPinned) {
  const auto reference = Reference::parse("app:1@" + kDigest);
  ASSERT_THAT(reference, test::Succeeds());
  const auto other = reference->with_tag("2");
  ASSERT_THAT(other, test::Succeeds());
  EXPECT_EQ(other->text(), "docker.io/library/app:2");
  EXPECT_THAT(reference->with_tag(""), test::IsInvalid(HasSubstr("the tag after ':' is missing")));
  EXPECT_THAT(reference->with_tag("a/b"), test::IsInvalid(HasSubstr("\"a/b\" must begin with")));
}

TEST(ReferenceTest, Pinned) {
  const auto reference = Reference::parse("app:1");
  const auto digest = oci::Digest::parse(kDigest);
  ASSERT_TRUE(reference && digest);
  EXPECT_EQ(reference->with_digest(*digest).text(), "docker.io/library/app:1@" + kDigest);
  EXPECT_EQ(reference->with_digest({}), *reference);
}

}  // namespace
}  // namespace nacre::images
