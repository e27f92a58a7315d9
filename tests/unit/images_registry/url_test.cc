#include "images/registry/url.h"

#include "tests/unit/images_registry/support.h"

namespace nacre::images::registry {
namespace {

using test::code_of;

TEST(UrlTest, TakesWhatIsWellFormed) {
  const auto url = parse_url("https://Registry.Example:5000/v2/a%20b?x=1&y=2#part");
  ASSERT_OK(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "registry.example");
  EXPECT_EQ(url->port, 5000);
  EXPECT_EQ(url->target(), "/v2/a%20b?x=1&y=2");
  EXPECT_EQ(url->text(), "https://registry.example:5000/v2/a%20b?x=1&y=2");
  EXPECT_EQ(url->shown(), "https://registry.example:5000/v2/a%20b");
}

TEST(UrlTest, KnowsTheSchemesPorts) {
  EXPECT_EQ(parse_url("https://a")->authority(), "a");
  EXPECT_EQ(parse_url("https://a:443/")->authority(), "a");
  EXPECT_EQ(parse_url("http://a:443/")->authority(), "a:443");
  EXPECT_EQ(parse_url("http://a")->port, 80);
  EXPECT_EQ(parse_url("HTTPS://a?q")->target(), "/?q");
}

TEST(UrlTest, TakesIpv6InBrackets) {
  const auto url = parse_url("http://[2001:DB8::1]:8080/x");
  ASSERT_OK(url);
  EXPECT_EQ(url->host, "2001:db8::1");
  EXPECT_EQ(url->authority(), "[2001:db8::1]:8080");
}

TEST(UrlTest, RefusesEverythingElse) {
  for (const char* text : {"",
                           "registry",
                           "http",
                           "https",
                           "http:",
                           "https:/",
                           "https:",
                           "://",
                           "://a",
                           "ftp://a/",
                           "https:/a",
                           "https://",
                           "https:///x",
                           "https://a b/",
                           "https://a/x y",
                           "https://a/\nx",
                           "https://user@a/",
                           "https://user:pw@a/",
                           "https://a:0/",
                           "https://a:65536/",
                           "https://a:/",
                           "https://a:80x/",
                           "https://a:-1/",
                           "https://.a/",
                           "https://a..b/",
                           "https://../",
                           "https://[::1/",
                           "https://[fe80::1%25eth0]/",
                           "https://[nonsense]/",
                           "https://::1/",
                           "https://a_b/\x7f",
                           "https://\xc3\xa4/",
                           "https://a:443:443/",
                           "https://a\\b/"}) {
    const auto url = parse_url(text);
    EXPECT_EQ(code_of(url), ErrorCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(parse_url("https://a/" + std::string(20000, 'x')));
}

TEST(UrlTest, NeverLeavesItsRoot) {
  EXPECT_EQ(parse_url("https://a/x/../../../etc/./y/..")->path, "/etc/");
  EXPECT_EQ(parse_url("https://a/..")->path, "/");
  EXPECT_EQ(parse_url("https://a/a//b")->path, "/a//b");
}

TEST(UrlTest, ResolvesLocations) {
  const Url base = *parse_url("https://reg:5000/v2/x/blobs/uploads/?a=1");
  const auto at = [&](std::string_view location) {
    return resolve_location(base, location)->text();
  };
  EXPECT_EQ(at("https://other/y?z"), "https://other/y?z");
  EXPECT_EQ(at("//other/y"), "https://other/y");
  EXPECT_EQ(at("/v2/x/u/1?_state=%3D"), "https://reg:5000/v2/x/u/1?_state=%3D");
  EXPECT_EQ(at("1"), "https://reg:5000/v2/x/blobs/uploads/1");
  EXPECT_EQ(at("../1?s"), "https://reg:5000/v2/x/blobs/1?s");
  EXPECT_EQ(at("?n=2"), "https://reg:5000/v2/x/blobs/uploads/?n=2");
  EXPECT_EQ(at("/a:b"), "https://reg:5000/a:b");
  EXPECT_EQ(at("#x"), base.text());
  for (const char* bad : {"", "/x y", "/x\r\nSet-Cookie: a", "javascript:alert(1)",
                          "file:///etc/passwd", "//user@other/", "https://a:0/"})
    EXPECT_EQ(code_of(resolve_location(base, bad)), ErrorCode::kInvalidArgument) << bad;
}

TEST(UrlTest, KnowsItsOwnMachine) {
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"localhost.example", "127.example", "128.0.0.1", "0177.0.0.1",
                           "0x7f000001", "::2", "10.0.0.1", "0.0.0.0", "127.1"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(UrlTest, EscapesQueries) {
  Url url = *parse_url("https://a/x");
  add_query(url, "scope", "repository:a/b:pull,push");
  add_query(url, "q", "\xff &=+%");
  EXPECT_EQ(url.target(), "/x?scope=repository%3Aa%2Fb%3Apull%2Cpush&q=%FF%20%26%3D%2B%25");
}

TEST(UrlTest, OriginIsSchemeHostAndPort) {
  const Url url = *parse_url("https://a:5000/x");
  EXPECT_TRUE(same_origin(url, *parse_url("https://A:5000/y")));
  for (const char* other :
       {"http://a:5000/x", "https://a/x", "https://b:5000/x", "https://a.b:5000/"})
    EXPECT_FALSE(same_origin(url, *parse_url(other))) << other;
}

}  // namespace
}  // namespace nacre::images::registry
