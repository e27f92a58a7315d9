#include "images/registry/challenge.h"

#include "tests/unit/images_registry/support.h"

namespace nacre::images::registry {
namespace {

using test::code_of;

TEST(ChallengeTest, ReadsWhatRegistriesSend) {
  const auto found = parse_challenges(
      R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push")");
  ASSERT_OK(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().scheme, "bearer");
  EXPECT_EQ(found->front().param("realm"), "https://auth.docker.io/token");
  EXPECT_EQ(found->front().param("scope"), "repository:a/b:pull,push");
  EXPECT_EQ(found->front().param("error"), "");
}

TEST(ChallengeTest, SeparatesSeveralInOneHeader) {
  const auto found = parse_challenges(
      "Negotiate, Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\", please\" ,, Basic "
      "realm = simple, "
      "Digest QWxhZGRpbg==");
  ASSERT_OK(found);
  ASSERT_EQ(found->size(), 4U);
  EXPECT_EQ((*found)[0], (Challenge{"negotiate", {}, ""}));
  EXPECT_EQ((*found)[1].params.at("title"), "Login to \"apps\", please");
  EXPECT_EQ((*found)[1].params.at("type"), "1");
  EXPECT_EQ((*found)[2], (Challenge{"basic", {{"realm", "simple"}}, ""}));
  EXPECT_EQ((*found)[3].token68, "QWxhZGRpbg==");
}

TEST(ChallengeTest, FirstOfARepeatedParameterCounts) {
  const auto found = parse_challenges(R"(Bearer realm="https://a",REALM="https://evil")");
  ASSERT_OK(found);
  EXPECT_EQ(found->front().param("realm"), "https://a");
}

TEST(ChallengeTest, EmptyIsNoChallenge) {
  for (const char* text : {"", " ", " , ,"}) {
    const auto found = parse_challenges(text);
    ASSERT_OK(found);
    EXPECT_TRUE(found->empty());
  }
}

TEST(ChallengeTest, RefusesWhatIsMalformed) {
  for (const char* text :
       {"Bearer realm=\"open", "Bearer realm=\"a\\", "=x", "Bearer\"x\"",
        "Bearer realm=\"a\" b=\"c\"", "Bearer a=b c", "Bearer a=,b=c", "\"Bearer\" realm=x"})
    EXPECT_EQ(code_of(parse_challenges(text)), ErrorCode::kInvalidArgument) << text;
}

TEST(ChallengeTest, OneBadHeaderHidesNoOther) {
  Headers headers;
  headers.add("WWW-Authenticate", "Bearer realm=\"open");
  EXPECT_EQ(code_of(challenges_of(headers)), ErrorCode::kInvalidArgument);
  headers.add("www-authenticate", "Basic realm=\"x\"");
  const auto found = challenges_of(headers);
  ASSERT_OK(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().scheme, "basic");
}

TEST(ChallengeTest, BearerIsPreferred) {
  const auto both = *parse_challenges(R"(Basic realm="x", Bearer realm="https://a")");
  EXPECT_EQ(choose_challenge(both)->scheme, "bearer");
  const auto basic = *parse_challenges(R"(Negotiate, Basic realm="x")");
  EXPECT_EQ(choose_challenge(basic)->scheme, "basic");
  const auto neither = *parse_challenges("Negotiate");
  EXPECT_EQ(choose_challenge(neither), nullptr);
}

}  // namespace
}  // namespace nacre::images::registry
