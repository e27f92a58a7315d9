// Authentication, redirects and retries around exchanges.
#include "images/registry/session.h"

#include "tests/unit/images_registry/support.h"

namespace nacre::images::registry {
namespace {

using test::code_of;
using test::error_of;
using test::Ground;
using test::Reply;
using test::ScriptServer;
using test::SeenRequest;
using test::text_of;
using testing::HasSubstr;
using testing::Not;

std::string bearer(const std::string& realm) {
  return "Bearer realm=\"" + realm + "\",service=\"reg\",scope=\"repository:team/app:pull\"";
}
Reply refuse(const std::string& challenge) {
  return {.status = 401, .headers = {{"WWW-Authenticate", challenge}}};
}

const Call kGet{.path = "/manifests/x"};

TEST(SessionTest, AsksUnderTheRepository) {
  ScriptServer server([](const SeenRequest&) { return Reply{.body = "ok"}; });
  Ground ground;
  Endpoint endpoint = Ground::endpoint_of(server);
  endpoint.ns = "docker.io";
  endpoint.headers.set("X-Extra", "1");
  auto response = ground.session(endpoint)->send(kGet, {});
  ASSERT_OK(response);
  const auto seen = server.seen().at(0);
  EXPECT_EQ(seen.target(), "/v2/team/app/manifests/x?ns=docker.io");
  EXPECT_EQ(seen.header("X-Extra"), "1");
  EXPECT_FALSE(seen.has("Authorization"));
}

TEST(AuthTest, AnonymousTokenOnceForManyRequests) {
  ScriptServer* self = nullptr;
  ScriptServer server([&](const SeenRequest& request) {
    if (request.path == "/token") return Reply{.body = R"({"token":"T1","expires_in":300})"};
    if (request.header("Authorization") != "Bearer T1") return refuse(bearer(self->url("/token")));
    return Reply{.body = "ok"};
  });
  self = &server;
  Ground ground;
  const auto session = ground.session(server);
  for (int i = 0; i < 3; ++i) {
    auto response = session->send(kGet, {});
    ASSERT_OK(response);
    EXPECT_EQ(text_of(**response), "ok");
  }
  int tokens = 0, others = 0;
  for (const auto& one : server.seen()) {
    ++(one.path == "/token" ? tokens : others);
    if (one.path == "/token") {
      EXPECT_EQ(one.query, "service=reg&scope=repository%3Ateam%2Fapp%3Apull");
      EXPECT_FALSE(one.has("Authorization"));
    }
  }
  EXPECT_EQ(tokens, 1);
  EXPECT_EQ(others, 4);
}

TEST(AuthTest, AnExpiredTokenIsRenewedBeforeAndAfterTheServerSaysSo) {
  ScriptServer* self = nullptr;
  int issued = 0, valid = 1;
  ScriptServer server([&](const SeenRequest& request) {
    if (request.path == "/token")
      return Reply{.body = "{\"token\":\"T" + std::to_string(++issued) + "\",\"expires_in\":300}"};
    if (request.header("Authorization") != "Bearer T" + std::to_string(valid))
      return refuse(bearer(self->url("/token")) + ",error=\"invalid_token\"");
    return Reply{};
  });
  self = &server;
  Ground ground;
  const auto session = ground.session(server);
  ASSERT_OK(session->send(kGet, {}));
  valid = 2;  // the server has forgotten the first one
  ASSERT_OK(session->send(kGet, {}));
  EXPECT_EQ(issued, 2);
  ground.clock.advance(Milliseconds{299'000});  // ends too soon to be used
  valid = 3;
  const std::size_t before = server.seen().size();
  ASSERT_OK(session->send(kGet, {}));
  EXPECT_EQ(issued, 3);
  // The old one was not even tried.
  EXPECT_FALSE(server.seen().at(before).has("Authorization"));
}

TEST(AuthTest, AServerThatIsNeverContentEnds) {
  ScriptServer* self = nullptr;
  ScriptServer server([&](const SeenRequest& request) {
    if (request.path == "/token") return Reply{.body = R"({"token":"T"})"};
    return refuse(bearer(self->url("/token")) + ",error=\"insufficient_scope\"");
  });
  self = &server;
  Ground ground;
  auto response = ground.session(server)->send(kGet, {});
  ASSERT_OK(response);
  EXPECT_EQ((*response)->status(), 401U);
  EXPECT_LE(server.seen().size(), 8U);
}

TEST(AuthTest, ForbiddenIsNotARequestForAToken) {
  ScriptServer server([&](const SeenRequest&) {
    return Reply{.status = 403, .headers = {{"WWW-Authenticate", bearer("http://127.0.0.1:1/")}}};
  });
  Ground ground;
  auto response = ground.session(server)->send(kGet, {});
  ASSERT_OK(response);
  EXPECT_EQ((*response)->status(), 403U);
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST(AuthTest, PasswordGoesToTheRealmOnly) {
  ScriptServer* self = nullptr;
  ScriptServer server([&](const SeenRequest& request) {
    if (request.path == "/token") return Reply{.body = R"({"access_token":"T"})"};
    if (request.header("Authorization") != "Bearer T") return refuse(bearer(self->url("/token")));
    return Reply{};
  });
  self = &server;
  Ground ground({"user", "pw", "", ""});
  ASSERT_OK(ground.session(server)->send(kGet, {}));
  for (const auto& one : server.seen())
    EXPECT_EQ(one.header("Authorization") == "Basic dXNlcjpwdw==", one.path == "/token");
}

TEST(AuthTest, IdentityTokensArePosted) {
  ScriptServer* self = nullptr;
  ScriptServer server([&](const SeenRequest& request) {
    if (request.path == "/token") {
      EXPECT_EQ(request.method, "POST");
      EXPECT_THAT(request.body, HasSubstr("grant_type=refresh_token"));
      EXPECT_THAT(request.body, HasSubstr("refresh_token=R"));
      return Reply{.body = R"({"access_token":"T"})"};
    }
    if (request.header("Authorization") != "Bearer T") return refuse(bearer(self->url("/token")));
    return Reply{};
  });
  self = &server;
  Ground ground({"", "", "R", ""});
  ASSERT_OK(ground.session(server)->send(kGet, {}));
}

TEST(AuthTest, ARealmWithoutGetIsAskedByPost) {
  ScriptServer* self = nullptr;
  ScriptServer server([&](const SeenRequest& request) {
    if (request.path == "/token" && request.method == "GET") return Reply{.status = 405};
    if (request.path == "/token") return Reply{.body = R"({"access_token":"T"})"};
    if (request.header("Authorization") != "Bearer T") return refuse(bearer(self->url("/token")));
    return Reply{};
  });
  self = &server;
  Ground ground({"user", "pw", "", ""});
  ASSERT_OK(ground.session(server)->send(kGet, {}));
}

TEST(AuthTest, BasicNeedsCredentialsAndIsRemembered) {
  ScriptServer server([&](const SeenRequest& request) {
    if (request.header("Authorization") != "Basic dXNlcjpwdw==") return refuse("Basic realm=\"x\"");
    return Reply{};
  });
  Ground anonymous;
  EXPECT_EQ(code_of(anonymous.session(server)->send(kGet, {})), ErrorCode::kPermissionDenied);
  Ground wrong({"user", "nope", "", ""});
  const auto refused = wrong.session(server)->send(kGet, {});
  EXPECT_EQ(code_of(refused), ErrorCode::kPermissionDenied);
  EXPECT_THAT(error_of(refused), Not(HasSubstr("nope")));
  Ground right({"user", "pw", "", ""});
  const auto session = right.session(server);
  ASSERT_OK(session->send(kGet, {}));
  const std::size_t before = server.seen().size();
  ASSERT_OK(session->send(kGet, {}));
  EXPECT_EQ(server.seen().size(), before + 1);
}

TEST(AuthTest, UnknownSchemesAreNamed) {
  ScriptServer server([&](const SeenRequest&) { return refuse("Negotiate"); });
  Ground ground;
  EXPECT_EQ(code_of(ground.session(server)->send(kGet, {})), ErrorCode::kUnsupported);
}

TEST(AuthTest, ARefusingRealmIsNamed) {
  ScriptServer* self = nullptr;
  ScriptServer server([&](const SeenRequest& request) {
    if (request.path == "/token") return Reply{.status = 401};
    return refuse(bearer(self->url("/token")));
  });
  self = &server;
  Ground ground({"user", "pw", "", ""});
  const auto response = ground.session(server)->send(kGet, {});
  EXPECT_EQ(code_of(response), ErrorCode::kPermissionDenied);
  EXPECT_THAT(error_of(response), HasSubstr("refuses the credentials"));
}

TEST(AuthTest, ManyThreadsFetchOneToken) {
  ScriptServer* self = nullptr;
  ScriptServer server([&](const SeenRequest& request) {
    if (request.path == "/token") return Reply{.body = R"({"token":"T","expires_in":300})"};
    if (request.header("Authorization") != "Bearer T") return refuse(bearer(self->url("/token")));
    return Reply{};
  });
  self = &server;
  Ground ground;
  const auto session = ground.session(server);
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { good += session->send(kGet, {}).has_value() ? 1 : 0; });
  for (auto& one : threads) one.join();
  EXPECT_EQ(good, 8);
  int tokens = 0;
  for (const auto& one : server.seen()) tokens += one.path == "/token" ? 1 : 0;
  EXPECT_EQ(tokens, 1);
}

// ---- redirects ---------------------------------------------------------------------------------

TEST(RedirectTest, AnotherHostNeverSeesAuthorization) {
  ScriptServer other([](const SeenRequest&) { return Reply{.body = "blob"}; });
  ScriptServer server([&](const SeenRequest& request) {
    if (request.header("Authorization").empty()) return refuse("Basic realm=\"x\"");
    return Reply{.status = 307, .headers = {{"Location", other.url("/signed?sig=1")}}};
  });
  Ground ground({"user", "pw", "", ""});
  Endpoint endpoint = Ground::endpoint_of(server);
  endpoint.headers.set("X-Api-Key", "secret");
  auto response = ground.session(endpoint)->send(kGet, {});
  ASSERT_OK(response);
  EXPECT_EQ(text_of(**response), "blob");
  const auto seen = other.seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_FALSE(seen[0].has("Authorization"));
  EXPECT_FALSE(seen[0].has("X-Api-Key"));
  EXPECT_EQ(seen[0].target(), "/signed?sig=1");
}

TEST(RedirectTest, TheSameHostKeepsAuthorization) {
  ScriptServer server([&](const SeenRequest& request) {
    if (request.header("Authorization").empty()) return refuse("Basic realm=\"x\"");
    if (request.path != "/moved") return Reply{.status = 302, .headers = {{"Location", "/moved"}}};
    return Reply{.body = "here"};
  });
  Ground ground({"user", "pw", "", ""});
  auto response = ground.session(server)->send(kGet, {});
  ASSERT_OK(response);
  EXPECT_EQ(text_of(**response), "here");
}

TEST(RedirectTest, AChallengeFromElsewhereIsNotAnswered) {
  ScriptServer other([&](const SeenRequest&) { return refuse("Basic realm=\"give me\""); });
  ScriptServer server([&](const SeenRequest&) {
    return Reply{.status = 302, .headers = {{"Location", other.url("/")}}};
  });
  Ground ground({"user", "pw", "", ""});
  auto response = ground.session(server)->send(kGet, {});
  ASSERT_OK(response);
  EXPECT_EQ((*response)->status(), 401U);
  ASSERT_EQ(other.seen().size(), 1U);
  EXPECT_FALSE(other.seen()[0].has("Authorization"));
}

TEST(RedirectTest, CirclesEnd) {
  ScriptServer server([&](const SeenRequest&) {
    return Reply{.status = 302, .headers = {{"Location", "/again"}}};
  });
  Ground ground;
  EXPECT_THAT(error_of(ground.session(server)->send(kGet, {})), HasSubstr("more than 8 redirects"));
}

TEST(RedirectTest, StrangePlacesAreRefused) {
  for (const char* location :
       {"file:///etc/passwd", "http://user:pw@127.0.0.1/", "", "gopher://x/"}) {
    ScriptServer server([&](const SeenRequest&) {
      return Reply{.status = 302, .headers = {{"Location", location}}};
    });
    Ground ground;
    EXPECT_FALSE(ground.session(server)->send(kGet, {})) << location;
    EXPECT_EQ(server.seen().size(), 1U);
  }
}

TEST(RedirectTest, FromTlsNobodyIsLedToPlainHttp) {
  const test::TestIdentity identity = test::make_identity();
  ScriptServer other([](const SeenRequest&) { return Reply{}; });
  ScriptServer server(
      [&](const SeenRequest&) {
        return Reply{.status = 302, .headers = {{"Location", other.url("/")}}};
      },
      &identity);
  Ground ground;
  Endpoint endpoint = Ground::endpoint_of(server);
  endpoint.tls.skip_verify = true;
  EXPECT_EQ(code_of(ground.session(endpoint)->send(kGet, {})), ErrorCode::kPermissionDenied);
  EXPECT_TRUE(other.seen().empty());
}

TEST(RedirectTest, APutIsNotTurnedIntoAGet) {
  ScriptServer server([&](const SeenRequest& request) {
    if (request.path == "/moved") return Reply{.body = request.method + " " + request.body};
    return Reply{.status = request.header("X-Status") == "301" ? 301U : 307U,
                 .headers = {{"Location", "/moved"}}};
  });
  Ground ground;
  const auto session = ground.session(server);
  Call put{.method = "PUT",
           .path = "/x",
           .body = [] { return std::make_unique<MemorySource>(std::string_view("data")); },
           .body_size = 4};
  auto moved = session->send(put, {});
  ASSERT_OK(moved);
  EXPECT_EQ(text_of(**moved), "PUT data");
  put.headers.set("X-Status", "301");
  EXPECT_EQ(code_of(session->send(put, {})), ErrorCode::kUnsupported);
}

// ---- retries -----------------------------------------------------------------------------------

TEST(SessionRetryTest, ObeysRetryAfter) {
  int count = 0;
  ScriptServer server([&](const SeenRequest&) {
    if (++count <= 2) return Reply{.status = 429, .headers = {{"Retry-After", "7"}}};
    return Reply{.body = "ok"};
  });
  Ground ground;
  auto response = ground.session(server)->send(kGet, {});
  ASSERT_OK(response);
  EXPECT_EQ(text_of(**response), "ok");
  EXPECT_EQ(ground.clock.waits(),
            (std::vector<Milliseconds>{Milliseconds{7'000}, Milliseconds{7'000}}));
}

TEST(SessionRetryTest, GivesUpOnAWaitThatIsTooLong) {
  ScriptServer server([&](const SeenRequest&) {
    return Reply{.status = 429, .headers = {{"Retry-After", "86400"}}};
  });
  Ground ground;
  const auto response = ground.session(server)->send(kGet, {});
  EXPECT_EQ(code_of(response), ErrorCode::kUnavailable);
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST(SessionRetryTest, TriesBrokenConnectionsAgain) {
  int count = 0;
  ScriptServer server([&](const SeenRequest&) {
    if (++count <= 3) return Reply{.raw = "HTTP/1.1 200 O"};
    return Reply{.body = "ok"};
  });
  Ground ground;
  ASSERT_OK(ground.session(server)->send(kGet, {}));
  EXPECT_EQ(ground.clock.waits().size(), 3U);
}

TEST(SessionRetryTest, TellsTheLastReasonAndTheNumberOfAttempts) {
  ScriptServer server([&](const SeenRequest&) {
    return Reply{.status = 503, .body = R"({"errors":[{"code":"BUSY","message":"later"}]})"};
  });
  Ground ground;
  const auto response =
      ground.session(Ground::endpoint_of(server), {.attempts = 3})->send(kGet, {});
  EXPECT_EQ(code_of(response), ErrorCode::kUnavailable);
  EXPECT_THAT(error_of(response), HasSubstr("status 503: \"BUSY\" \"later\" (tried 3 times)"));
  EXPECT_EQ(server.seen().size(), 3U);
}

TEST(SessionRetryTest, WhatMayHaveArrivedIsNotSentAgain) {
  ScriptServer server([&](const SeenRequest&) { return Reply{.status = 503}; });
  Ground ground;
  Call patch{.method = "PATCH", .path = "/x", .repeatable = false};
  EXPECT_EQ(code_of(ground.session(server)->send(patch, {})), ErrorCode::kUnavailable);
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST(SessionRetryTest, CancellationEndsTheWaiting) {
  ScriptServer server([&](const SeenRequest&) { return Reply{.status = 503}; });
  Ground ground;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code_of(ground.session(server)->send(kGet, stop.get_token())), ErrorCode::kCancelled);
}

// ---- plain HTTP on this machine ----------------------------------------------------------------

TEST(PlainTest, OnlyAfterTheServerHasShownThatItSpeaksNoTls) {
  ScriptServer server([](const SeenRequest&) { return Reply{.body = "ok"}; });
  Ground ground;
  Endpoint endpoint = *default_endpoint("127.0.0.1:" + std::to_string(server.port()), "a");
  const auto session = ground.session(endpoint);
  auto response = session->send(kGet, {});
  ASSERT_OK(response);
  EXPECT_EQ(session->name(), server.url());
  endpoint.scheme = Scheme::kHttps;
  EXPECT_EQ(code_of(ground.session(endpoint)->send(kGet, {})), ErrorCode::kFailedPrecondition);
}

TEST(PlainTest, ManyThreadsFindOutAtOnce) {
  ScriptServer server([](const SeenRequest&) { return Reply{.body = "ok"}; });
  Ground ground;
  const Endpoint endpoint = *default_endpoint("127.0.0.1:" + std::to_string(server.port()), "a");
  for (int round = 0; round < 5; ++round) {
    const auto session = ground.session(endpoint, {.attempts = 1});
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] { good += session->send(kGet, {}).has_value() ? 1 : 0; });
    for (auto& one : threads) one.join();
    EXPECT_EQ(good, 8);
  }
}

TEST(PlainTest, AWrongCertificateIsNoReasonForPlainHttp) {
  const test::TestIdentity identity = test::make_identity();
  ScriptServer server([](const SeenRequest&) { return Reply{}; }, &identity);
  Ground ground;
  const Endpoint endpoint = *default_endpoint("127.0.0.1:" + std::to_string(server.port()), "a");
  EXPECT_THAT(error_of(ground.session(endpoint)->send(kGet, {})), HasSubstr("certificate"));
  EXPECT_TRUE(server.seen().empty());
}

}  // namespace
}  // namespace nacre::images::registry
