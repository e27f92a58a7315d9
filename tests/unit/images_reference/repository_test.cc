#include "images/reference/repository.h"

#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace nacre::images {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

struct Row {
  std::string_view written;
  std::string_view full;
  std::string_view familiar;
};

constexpr Row kRows[] = {
    {"debian", "docker.io/library/debian", "debian"},
    {"library/debian", "docker.io/library/debian", "debian"},
    {"docker.io/debian", "docker.io/library/debian", "debian"},
    {"docker.io/library/debian", "docker.io/library/debian", "debian"},
    {"index.docker.io/debian", "docker.io/library/debian", "debian"},
    {"index.docker.io/team/app", "docker.io/team/app", "team/app"},
    {"Docker.IO/debian", "docker.io/library/debian", "debian"},
    {"team/app", "docker.io/team/app", "team/app"},
    {"a/b/c/d", "docker.io/a/b/c/d", "a/b/c/d"},
    {"library/a/b", "docker.io/library/a/b", "library/a/b"},
    // A dot, a colon or "localhost" makes a host of the first part, and only of the first.
    {"ghcr.io/team/app", "ghcr.io/team/app", "ghcr.io/team/app"},
    {"example.com/app", "example.com/app", "example.com/app"},
    {"example.com/library/app", "example.com/library/app", "example.com/library/app"},
    {"EXAMPLE.com:5000/app", "example.com:5000/app", "example.com:5000/app"},
    {"localhost/app", "localhost/app", "localhost/app"},
    {"localhost", "docker.io/library/localhost", "localhost"},
    {"localhosts/app", "docker.io/localhosts/app", "localhosts/app"},
    {"registry:5000/app", "registry:5000/app", "registry:5000/app"},
    {"127.0.0.1/app", "127.0.0.1/app", "127.0.0.1/app"},
    {"127.0.0.1:65535/a/b", "127.0.0.1:65535/a/b", "127.0.0.1:65535/a/b"},
    {"[::1]:5000/app", "[::1]:5000/app", "[::1]:5000/app"},
    {"[2001:DB8::1]/app", "[2001:db8::1]/app", "[2001:db8::1]/app"},
    {"app/example.com", "docker.io/app/example.com", "app/example.com"},
    // What looks like a host cannot be shortened.
    {"docker.io/example.com/app", "docker.io/example.com/app", "docker.io/example.com/app"},
    {"docker.io/localhost/app", "docker.io/localhost/app", "docker.io/localhost/app"},
    {"docker.io/library/library", "docker.io/library/library", "library"},
    // Separators.
    {"a.b-c_d__e---f", "docker.io/library/a.b-c_d__e---f", "a.b-c_d__e---f"},
    {"0/1", "docker.io/0/1", "0/1"},
    {"xn--bcher-kva.example/app", "xn--bcher-kva.example/app", "xn--bcher-kva.example/app"},
};

TEST(RepositoryTest, ReadsAndShortens) {
  for (const Row& row : kRows) {
    const auto repository = Repository::parse(row.written);
    ASSERT_THAT(repository, test::Succeeds()) << row.written;
    EXPECT_EQ(repository->text(), row.full);
    EXPECT_EQ(repository->familiar(), row.familiar);
    EXPECT_EQ(repository->text(), repository->host() + '/' + repository->path());
    EXPECT_EQ(Repository::parse(row.full), *repository);
    EXPECT_EQ(Repository::parse(row.familiar), *repository);
  }
}

TEST(RepositoryTest, SaysWhatIsWrong) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", "nothing before, after or between its slashes"},
      {"/", "nothing before, after or between its slashes"},
      {"/debian", "nothing before, after or between its slashes"},
      {"team/", "nothing before, after or between its slashes"},
      {"a//b", "nothing before, after or between its slashes"},
      {"example.com/", "nothing before, after or between its slashes"},
      {"example.com//app", "nothing before, after or between its slashes"},
      {"Debian", "\"Debian\" must be in lower case"},
      {"Team/app", "\"Team\" must be in lower case"},
      {"LOCALHOST/app", "\"LOCALHOST\" must be in lower case"},
      {"example.com/App", "\"App\" must be in lower case"},
      {"de bian", "\"de bian\" has a character that is not"},
      {"d\xC3\xA9"
       "bian",
       "has a character that is not"},
      {"team/a:b", "\"a:b\" has a character that is not"},
      {"team/a@b", "\"a@b\" has a character that is not"},
      {"team/a\\b", "has a character that is not"},
      {"a\nb", "\"a\\nb\" has a character that is not"},
      {"-a", "\"-a\" must begin and end with"},
      {"a-", "\"a-\" must begin and end with"},
      {"_a", "must begin and end with"},
      {"a_", "must begin and end with"},
      {"a..b", "\"a..b\" must begin and end with"},
      {"a___b", "must begin and end with"},
      {"a._b", "must begin and end with"},
      {"a-_b", "must begin and end with"},
      {"a/..", "\"..\" must begin and end with"},
      {"a/./b", "\".\" must begin and end with"},
      {"example.com/../etc", "\"..\" must begin and end with"},
      {"./a", "\".\" is not the name of a host"},
      {"../a", "\"..\" is not the name of a host"},
      {".example.com/a", "is not the name of a host"},
      {"example.com./a", "is not the name of a host"},
      {"example..com/a", "is not the name of a host"},
      {"-a.com/a", "is not the name of a host"},
      {"a-.com/a", "is not the name of a host"},
      {"a_b.com/a", "is not the name of a host"},
      {"user@example.com/a", "is not the name of a host"},
      {":5000/a", "is not the name of a host"},
      {"[::1/a", "is not the name of a host"},
      {"::1/a", "is not the name of a host"},
      {"[]:1/a", "is not the name of a host"},
      {"[::g]/a", "is not the name of a host"},
      {"[::1]x:1/a", "is not the name of a host"},
      {"[1.2.3.4]/a", "is not the name of a host"},
      {"[fe80::1%eth0]/a", "is not the name of a host"},
      {"example.com:/a", "the port of \"example.com:\" is not"},
      {"example.com:0/a", "is not a number from 1 to 65535"},
      {"example.com:65536/a", "is not a number from 1 to 65535"},
      {"example.com:4294967376/a", "is not a number from 1 to 65535"},
      {"example.com:080/a", "is not a number from 1 to 65535"},
      {"example.com:8o/a", "is not a number from 1 to 65535"},
      {"example.com:-1/a", "is not a number from 1 to 65535"},
      {"example.com:1:2/a", "is not a number from 1 to 65535"},
  };
  for (const auto& [written, reason] : rows) {
    EXPECT_THAT(Repository::parse(written), test::IsInvalid(HasSubstr(std::string(reason))))
        << written;
  }
}

TEST(RepositoryTest, Sentence) {
  EXPECT_THAT(Repository::parse("a/B"),
              test::IsInvalid("repository name \"a/B\": \"B\" must be in lower case (a host has a "
                              "dot or a port, or is localhost)"));
}

TEST(RepositoryTest, LengthCountsTheHost) {
  const std::string prefix = "docker.io/library/";
  const std::string longest(255 - prefix.size(), 'a');
  EXPECT_THAT(Repository::parse(longest), test::Succeeds());
  EXPECT_THAT(Repository::parse(prefix + longest), test::Succeeds());
  EXPECT_THAT(
      Repository::parse(longest + 'a'),
      test::IsInvalid(EndsWith("host and path have 256 characters; at most 255 are allowed")));
  const std::string label(63, 'a');
  EXPECT_THAT(Repository::parse(label + ".com/a"), test::Succeeds());
  EXPECT_THAT(Repository::parse(label + "a.com/a"), test::IsInvalid(HasSubstr("a host")));
  // What is quoted is cut.
  EXPECT_LT(Repository::parse(std::string(1 << 20, 'A')).error().message().size(), 500U);
}

TEST(RepositoryTest, IsOrdered) {
  const auto first = Repository::parse("a.io/b");
  const auto second = Repository::parse("a.io/c");
  EXPECT_LT(*first, *second);
  EXPECT_NE(*first, *second);
}

}  // namespace
}  // namespace nacre::images
