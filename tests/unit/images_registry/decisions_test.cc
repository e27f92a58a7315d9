// Retries, ranges, links, error bodies, spans of time.
#include "images/registry/hosts_toml.h"
#include "images/registry/reply.h"
#include "images/registry/retry.h"
#include "tests/unit/images_registry/support.h"

namespace nacre::images::registry {
namespace {

TEST(RetryTest, WaitsLongerEachTimeAndGivesUp) {
  const RetryPolicy policy{
      .attempts = 5, .first_wait = Milliseconds{100}, .longest_wait = Milliseconds{300}};
  Retry retry(policy, 7);
  const Milliseconds whole[] = {Milliseconds{100}, Milliseconds{200}, Milliseconds{300},
                                Milliseconds{300}};
  for (const Milliseconds most : whole) {
    const auto wait = retry.next(std::nullopt);
    ASSERT_TRUE(wait);
    EXPECT_LE(*wait, most);
    EXPECT_GE(*wait, most / 2);
  }
  EXPECT_FALSE(retry.next(std::nullopt));
}

TEST(RetryTest, ObeysTheServer) {
  Retry retry({.longest_server_wait = Milliseconds{60'000}}, 1);
  EXPECT_EQ(retry.next(Milliseconds{60'000}), Milliseconds{60'000});
  EXPECT_FALSE(retry.next(Milliseconds{60'001}));
}

TEST(RetryTest, BudgetOutlastsProgress) {
  Retry retry({.attempts = 2, .budget = Milliseconds{2'500}}, 1);
  EXPECT_TRUE(retry.next(Milliseconds{1'000}));
  retry.progressed();
  EXPECT_TRUE(retry.next(Milliseconds{1'000}));
  retry.progressed();
  EXPECT_FALSE(retry.next(Milliseconds{1'000}));
}

TEST(RetryTest, AttemptsCountWithoutProgressOnly) {
  Retry retry({.attempts = 2}, 1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(retry.next(Milliseconds{1}));
    retry.progressed();
  }
  EXPECT_TRUE(retry.next(Milliseconds{1}));
  EXPECT_FALSE(retry.next(Milliseconds{1}));
}

TEST(RetryTest, ReadsRetryAfter) {
  constexpr std::int64_t kNow = 784111770;  // seven seconds before the date below
  EXPECT_EQ(parse_retry_after("120", kNow), Milliseconds{120'000});
  EXPECT_EQ(parse_retry_after(" 0 ", kNow), Milliseconds{0});
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kNow), Milliseconds{7'000});
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:30 GMT", kNow + 100), Milliseconds{0});
  for (const char* text : {"", "-1", "1.5", "soon", "99999999999", "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Foo 1994 08:49:37 GMT"})
    EXPECT_FALSE(parse_retry_after(text, kNow)) << text;
  EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT"), 1709164800);
  EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
}

TEST(RetryTest, KnowsWhatPasses) {
  for (const unsigned status : {408U, 429U, 500U, 502U, 503U, 504U})
    EXPECT_TRUE(is_passing(status)) << status;
  for (const unsigned status : {200U, 206U, 400U, 401U, 403U, 404U, 416U, 501U})
    EXPECT_FALSE(is_passing(status)) << status;
  EXPECT_TRUE(is_passing(FailureKind::kBroken));
  EXPECT_FALSE(is_passing(FailureKind::kTls));
  EXPECT_FALSE(is_passing(FailureKind::kCancelled));
}

TEST(ReplyTest, ReadsContentRange) {
  EXPECT_EQ(parse_content_range("bytes 100-199/200"), (ContentRange{100, 199, 200}));
  EXPECT_EQ(parse_content_range(" Bytes 0-0/* "), (ContentRange{0, 0, std::nullopt}));
  for (const char* text :
       {"", "bytes", "bytes 5-4/10", "bytes 0-10/10", "bytes */10", "bytes 0-9", "items 0-9/10",
        "bytes -5/10", "bytes 0x1-2/10", "bytes 0-18446744073709551615/*"})
    EXPECT_FALSE(parse_content_range(text)) << text;
}

TEST(ReplyTest, ReadsUploadRange) {
  EXPECT_EQ(parse_upload_range("0-99"), 100U);
  EXPECT_EQ(parse_upload_range("bytes=0-99"), 100U);
  for (const char* text : {"", "1-99", "0", "0-", "-5", "0-18446744073709551615", "0--1"})
    EXPECT_FALSE(parse_upload_range(text)) << text;
}

TEST(ReplyTest, FindsTheNextPage) {
  Headers headers;
  EXPECT_FALSE(next_link(headers));
  headers.add("Link",
              R"(</first>; rel="first", </v2/a/tags/list?n=2&last=b>; rel="next"; title="x")");
  EXPECT_EQ(next_link(headers), "/v2/a/tags/list?n=2&last=b");
  Headers bare;
  bare.add("link", "<x>;rel=next");
  EXPECT_EQ(next_link(bare), "x");
  for (const char* text : {"<x>", "<x", "x>; rel=next", "; rel=next", "<x>; rel=\"prev\""}) {
    Headers one;
    one.add("Link", text);
    EXPECT_FALSE(next_link(one)) << text;
  }
}

TEST(ReplyTest, QuotesWhatRegistriesSay) {
  EXPECT_EQ(
      describe_error_body(
          R"({"errors":[{"code":"DENIED","message":"no\u001b[31m"},{"code":"X","message":"y"}]})"),
      "\"DENIED\" \"no\\x1b[31m\", \"X\" \"y\"");
  EXPECT_EQ(describe_error_body("<html>"), "");
  EXPECT_EQ(describe_error_body("{}"), "");
  EXPECT_EQ(describe_error_body(R"({"errors":7})"), "");
}

TEST(DurationTest, ReadsGoSpelling) {
  EXPECT_EQ(parse_duration("30s"), Milliseconds{30'000});
  EXPECT_EQ(parse_duration("1m30s"), Milliseconds{90'000});
  EXPECT_EQ(parse_duration("1.5h"), Milliseconds{5'400'000});
  EXPECT_EQ(parse_duration("250ms"), Milliseconds{250});
  for (const char* text :
       {"", "5", "s", "-5s", "1d", "1.s", "1.2345s", "9999999999h", "1 s", "1s1"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

}  // namespace
}  // namespace nacre::images::registry
