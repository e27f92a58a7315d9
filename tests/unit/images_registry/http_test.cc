// One exchange against a server that does everything wrong.
#include "images/registry/http.h"

#include "tests/unit/images_registry/support.h"

namespace nacre::images::registry {
namespace {

using test::pattern;
using test::Reply;
using test::ScriptServer;
using test::SeenRequest;
using test::text_of;
using testing::HasSubstr;

constexpr Timeouts kLong{Milliseconds{60'000}, Milliseconds{60'000}, Milliseconds{60'000}};

class HttpTest : public testing::Test {
 protected:
  Attempt<std::unique_ptr<Response>> get(const ScriptServer& server, const std::string& path = "/",
                                         std::stop_token stop = {}, Timeouts timeouts = kLong) {
    Request request{.url = *parse_url(server.url(path)), .timeouts = timeouts};
    return transport_->send(request, std::move(stop));
  }
  static FailureKind kind_of(const Attempt<std::unique_ptr<Response>>& attempt) {
    EXPECT_FALSE(attempt) << "there is an answer";
    return attempt ? FailureKind::kRequest : attempt.error().kind;
  }
  std::unique_ptr<Transport> transport_ = make_network_transport();
};

TEST_F(HttpTest, SendsAndReceives) {
  ScriptServer server([](const SeenRequest& request) {
    return Reply{.status = 418,
                 .headers = {{"X-Method", request.method}, {"X-Two", "1"}, {"x-two", "2"}},
                 .body = pattern(100'000)};
  });
  auto response = get(server, "/v2/a?b=c");
  ASSERT_TRUE(response) << response.error().error.message();
  EXPECT_EQ((*response)->status(), 418U);
  EXPECT_EQ((*response)->content_length(), 100'000U);
  EXPECT_EQ((*response)->headers().find("x-method"), "GET");
  EXPECT_EQ((*response)->headers().all("X-Two").size(), 2U);
  EXPECT_EQ(text_of(**response), pattern(100'000));
  const auto seen = server.seen().at(0);
  EXPECT_EQ(seen.target(), "/v2/a?b=c");
  EXPECT_EQ(seen.header("Host"), server.host());
  EXPECT_FALSE(seen.has("Accept-Encoding"));
  EXPECT_FALSE(seen.has("Content-Length"));
}

TEST_F(HttpTest, SendsABody) {
  ScriptServer server([](const SeenRequest& request) {
    return Reply{.body = std::to_string(request.body.size())};
  });
  const std::string body = pattern(700'000);
  MemorySource source{std::string_view(body), 1000};
  Request request{.method = "PUT",
                  .url = *parse_url(server.url("/")),
                  .body = &source,
                  .body_size = body.size(),
                  .timeouts = kLong};
  auto response = transport_->send(request, {});
  ASSERT_TRUE(response) << response.error().error.message();
  EXPECT_EQ(text_of(**response), "700000");
  EXPECT_EQ(server.seen().at(0).body, body);
  MemorySource too_short{std::string_view("abc")};
  request.body = &too_short;
  request.body_size = 4;
  EXPECT_EQ(kind_of(transport_->send(request, {})), FailureKind::kBody);
}

TEST_F(HttpTest, HearsARefusalBeforeTheBodyIsSent) {
  ScriptServer server([](const SeenRequest&) { return Reply{.status = 413, .body = "too large"}; });
  const std::string body = pattern(30'000'000);
  MemorySource source{std::string_view(body)};
  Request request{.method = "PUT",
                  .url = *parse_url(server.url("/")),
                  .body = &source,
                  .body_size = body.size(),
                  .timeouts = kLong};
  request.headers.set("X-Test-Early", "1");
  auto response = transport_->send(request, {});
  // The answer may be lost when the server's system resets the connection; what may not happen is
  // that it passes for success or for a fault of the body.
  if (response) {
    EXPECT_EQ((*response)->status(), 413U);
  } else {
    EXPECT_EQ(response.error().kind, FailureKind::kBroken);
  }
}

TEST_F(HttpTest, KeepsConnections) {
  ScriptServer server([](const SeenRequest&) { return Reply{.body = "x"}; });
  for (int i = 0; i < 5; ++i) {
    auto response = get(server);
    ASSERT_TRUE(response);
    EXPECT_EQ(text_of(**response), "x");
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(HttpTest, AConnectionWithAnUnreadBodyIsNotUsedAgain) {
  ScriptServer server([](const SeenRequest&) { return Reply{.body = pattern(3'000'000)}; });
  ASSERT_TRUE(get(server));
  auto response = get(server);
  ASSERT_TRUE(response);
  EXPECT_EQ(text_of(**response), pattern(3'000'000));
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(HttpTest, OvercomesAConnectionThatWasClosedWhileIdle) {
  std::atomic<int> count = 0;
  ScriptServer server([&](const SeenRequest&) {
    // Promises to stay and leaves.
    if (count++ == 0) return Reply{.raw = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"};
    return Reply{.body = "y"};
  });
  auto first = get(server);
  ASSERT_TRUE(first);
  EXPECT_EQ(text_of(**first), "x");
  first->reset();
  auto second = get(server);
  ASSERT_TRUE(second) << second.error().error.message();
  EXPECT_EQ(text_of(**second), "y");
}

TEST_F(HttpTest, ReadsChunksAndUnboundedBodies) {
  ScriptServer server([](const SeenRequest& request) {
    return Reply{.body = pattern(5'500),
                 .chunked = request.path == "/chunked",
                 .no_length = request.path == "/until-end"};
  });
  for (const char* path : {"/chunked", "/until-end"}) {
    auto response = get(server, path);
    ASSERT_TRUE(response);
    EXPECT_FALSE((*response)->content_length()) << path;
    EXPECT_EQ(text_of(**response), pattern(5'500)) << path;
  }
}

TEST_F(HttpTest, HeadHasNoBody) {
  ScriptServer server([](const SeenRequest&) { return Reply{.body = std::string(1234, 'x')}; });
  Request request{.method = "HEAD", .url = *parse_url(server.url("/")), .timeouts = kLong};
  auto response = transport_->send(request, {});
  ASSERT_TRUE(response);
  EXPECT_EQ((*response)->content_length(), 1234U);
  EXPECT_EQ(text_of(**response), "");
}

TEST_F(HttpTest, SkipsInterimAnswers) {
  ScriptServer server([](const SeenRequest&) {
    return Reply{.raw =
                     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
                     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
  });
  auto response = get(server);
  ASSERT_TRUE(response) << response.error().error.message();
  EXPECT_EQ((*response)->status(), 200U);
  EXPECT_EQ(text_of(**response), "ok");
}

TEST_F(HttpTest, EndlessInterimAnswersEnd) {
  std::string raw;
  for (int i = 0; i < 100; ++i) raw += "HTTP/1.1 102 Processing\r\n\r\n";
  ScriptServer server([&](const SeenRequest&) { return Reply{.raw = raw}; });
  EXPECT_EQ(kind_of(get(server)), FailureKind::kProtocol);
}

TEST_F(HttpTest, RefusesHugeHeads) {
  ScriptServer server([](const SeenRequest& request) {
    if (request.path == "/one") return Reply{.headers = {{"X", std::string(1'000'000, 'x')}}};
    Reply many;
    for (int i = 0; i < 20'000; ++i) many.headers.emplace_back("X-" + std::to_string(i), "y");
    return many;
  });
  for (const char* path : {"/one", "/many"}) {
    const auto response = get(server, path);
    EXPECT_EQ(kind_of(response), FailureKind::kProtocol) << path;
    EXPECT_THAT(response.error().error.message(), HasSubstr("64 KiB"));
  }
}

TEST_F(HttpTest, RefusesWhatIsNotHttp) {
  for (const char* raw : {"SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc\r\n\r\n",
                          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
                          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"}) {
    ScriptServer server([&](const SeenRequest&) { return Reply{.raw = raw}; });
    EXPECT_EQ(kind_of(get(server)), FailureKind::kProtocol) << raw;
  }
  ScriptServer silent([](const SeenRequest&) { return Reply{.raw = std::string(1, '\0')}; });
  EXPECT_FALSE(get(silent));
}

TEST_F(HttpTest, AHeadCutInTheMiddleIsABrokenConnection) {
  ScriptServer server([](const SeenRequest&) { return Reply{.raw = "HTTP/1.1 200 OK\r\nConte"}; });
  EXPECT_EQ(kind_of(get(server)), FailureKind::kBroken);
}

TEST_F(HttpTest, ABodyCutInTheMiddleIsAnError) {
  ScriptServer server([](const SeenRequest& request) {
    return Reply{
        .body = pattern(10'000), .cut_after = 4'321, .chunked = request.path == "/chunked"};
  });
  for (const char* path : {"/", "/chunked"}) {
    auto response = get(server, path);
    ASSERT_TRUE(response);
    MemorySink sink;
    const auto got = copy(**response, sink);
    ASSERT_FALSE(got) << path;
    EXPECT_EQ(got.error().code(), ErrorCode::kUnavailable);
    EXPECT_EQ(sink.text(), pattern(10'000).substr(0, 4'321)) << path;
  }
}

TEST_F(HttpTest, WrongChunksAreAnError) {
  for (const char* chunks : {"zz\r\nx\r\n0\r\n\r\n", "5\r\nabc\r\n0\r\n\r\n",
                             "ffffffffffffffffff\r\nx", "-1\r\n\r\n", "3\r\nabcX\r\n0\r\n\r\n"}) {
    ScriptServer server([&](const SeenRequest&) {
      return Reply{.raw = std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") +
                          chunks};
    });
    auto response = get(server);
    if (!response) {
      EXPECT_EQ(response.error().kind, FailureKind::kProtocol) << chunks;
      continue;
    }
    EXPECT_THAT(text_of(**response), HasSubstr("ERROR")) << chunks;
  }
}

TEST_F(HttpTest, AStalledBodyTimesOut) {
  ScriptServer server(
      [](const SeenRequest&) { return Reply{.body = pattern(10'000), .stall_after = 100}; });
  Timeouts timeouts = kLong;
  timeouts.idle = Milliseconds{100};
  auto response = get(server, "/", {}, timeouts);
  ASSERT_TRUE(response);
  EXPECT_THAT(text_of(**response), HasSubstr("no answer in time"));
}

TEST_F(HttpTest, AStalledHeadTimesOut) {
  ScriptServer server([](const SeenRequest&) { return Reply{.silent = true}; });
  Timeouts timeouts = kLong;
  timeouts.response = Milliseconds{100};
  EXPECT_EQ(kind_of(get(server, "/", {}, timeouts)), FailureKind::kTimeout);
}

TEST_F(HttpTest, AnEndlessBodyIsReadAsFarAsWanted) {
  ScriptServer server([](const SeenRequest&) {
    return Reply{.body = pattern(50'000), .chunked = true, .endless = true};
  });
  auto response = get(server);
  ASSERT_TRUE(response);
  const auto text = read_text(**response, 1'000'000);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), ErrorCode::kResourceExhausted);
}

TEST_F(HttpTest, CanBeStoppedFromAnotherThread) {
  std::stop_source stop;
  ScriptServer server(
      [&](const SeenRequest&) { return Reply{.body = pattern(10'000), .stall_after = 100}; });
  auto response = get(server, "/", stop.get_token(),
                      {Milliseconds{60'000}, Milliseconds{60'000}, Milliseconds{60'000}});
  ASSERT_TRUE(response);
  std::vector<std::byte> buffer(100);
  ASSERT_TRUE(read_full(**response, buffer));
  std::thread other([&] { stop.request_stop(); });
  const auto more = (*response)->read(buffer);
  other.join();
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(kind_of(get(server, "/", stop.get_token())), FailureKind::kCancelled);
}

TEST_F(HttpTest, NobodyThere) {
  std::uint16_t port = 0;
  {
    ScriptServer server([](const SeenRequest&) { return Reply{}; });
    port = server.port();
  }
  Request request{.url = *parse_url("http://127.0.0.1:" + std::to_string(port)), .timeouts = kLong};
  const auto response = transport_->send(request, {});
  EXPECT_EQ(kind_of(response), FailureKind::kConnect);
  EXPECT_THAT(response.error().error.message(), HasSubstr("connection refused"));
}

TEST_F(HttpTest, NothingCanBeSmuggledIntoARequest) {
  ScriptServer server([](const SeenRequest&) { return Reply{}; });
  Request request{.url = *parse_url(server.url("/")), .timeouts = kLong};
  request.headers.set("Authorization", "Bearer x\r\nX-Evil: 1");
  EXPECT_EQ(kind_of(transport_->send(request, {})), FailureKind::kRequest);
  request.headers = {};
  request.headers.set("Bad Name", "x");
  EXPECT_EQ(kind_of(transport_->send(request, {})), FailureKind::kRequest);
  request.headers = {};
  request.url.path = "/x HTTP/1.1\r\nX-Evil: 1";
  EXPECT_EQ(kind_of(transport_->send(request, {})), FailureKind::kRequest);
  EXPECT_TRUE(server.seen().empty());
}

class TlsTest : public HttpTest {
 protected:
  Attempt<std::unique_ptr<Response>> get_with(const ScriptServer& server, TlsSettings tls,
                                              const std::string& host = "127.0.0.1") {
    Request request{
        .url = *parse_url("https://" + host + ":" + std::to_string(server.port()) + "/"),
        .tls = std::move(tls),
        .timeouts = kLong};
    return transport_->send(request, {});
  }
  test::TestIdentity identity_ = test::make_identity();
  test::TempDir dir_;
};

TEST_F(TlsTest, AuthorityMustBeKnown) {
  ScriptServer server([](const SeenRequest&) { return Reply{.body = "secret"}; }, &identity_);
  const auto unknown = get_with(server, {});
  EXPECT_EQ(kind_of(unknown), FailureKind::kTls);
  EXPECT_THAT(unknown.error().error.message(), HasSubstr("certificate: self-signed certificate"));
  const TlsSettings known{.ca_files = {dir_.write("ca.pem", identity_.certificate)}};
  auto good = get_with(server, known);
  ASSERT_TRUE(good) << good.error().error.message();
  EXPECT_EQ(text_of(**good), "secret");
  auto by_name = get_with(server, known, "localhost");
  ASSERT_TRUE(by_name) << by_name.error().error.message();
  auto unverified = get_with(server, {.skip_verify = true});
  ASSERT_TRUE(unverified) << unverified.error().error.message();
}

TEST_F(TlsTest, NameMustBeTheServers) {
  ScriptServer server([](const SeenRequest&) { return Reply{}; }, &identity_);
  const auto wrong =
      get_with(server, {.ca_files = {dir_.write("ca.pem", identity_.certificate)}}, "127.0.0.2");
  // The server listens on 127.0.0.1 only.
  EXPECT_FALSE(wrong);
  ScriptServer plain([](const SeenRequest&) { return Reply{}; });
  EXPECT_EQ(kind_of(get_with(plain, {}, "localhost")), FailureKind::kTlsNotSpoken);
}

TEST_F(TlsTest, ConnectionsWithOtherSettingsAreNotShared) {
  ScriptServer server([](const SeenRequest&) { return Reply{.body = "x"}; }, &identity_);
  auto unverified = get_with(server, {.skip_verify = true});
  ASSERT_TRUE(unverified);
  EXPECT_EQ(text_of(**unverified), "x");
  unverified->reset();
  EXPECT_EQ(kind_of(get_with(server, {})), FailureKind::kTls);
}

TEST_F(TlsTest, FilesThatCannotBeReadAreNamed) {
  ScriptServer server([](const SeenRequest&) { return Reply{}; }, &identity_);
  const auto missing = get_with(server, {.ca_files = {"/nonexistent.pem"}});
  EXPECT_EQ(kind_of(missing), FailureKind::kTls);
  EXPECT_THAT(missing.error().error.message(), HasSubstr("/nonexistent.pem"));
  const std::string junk = dir_.write("junk.pem", "junk");
  EXPECT_EQ(kind_of(get_with(server, {.client_certs = {{junk, junk}}, .skip_verify = true})),
            FailureKind::kTls);
}

}  // namespace
}  // namespace nacre::images::registry
