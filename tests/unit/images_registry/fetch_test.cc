// Blobs and manifests from servers that break, lie and stop.
#include "images/registry/fetch_blob.h"

#include "images/registry/client.h"
#include "images/registry/manifests.h"
#include "oci-spec/image/media_types.h"
#include "tests/unit/images_registry/support.h"

namespace nacre::images::registry {
namespace {

using test::code_of;
using test::descriptor_of;
using test::digest_of;
using test::error_of;
using test::FakeIngest;
using test::Ground;
using test::pattern;
using test::Reply;
using test::ScriptServer;
using test::SeenRequest;
using testing::HasSubstr;

constexpr std::size_t kSize = 400'000;

// A server's honest answer to a request for `content`, with ranges.
Reply serve(const std::string& content, const SeenRequest& request) {
  const std::string range = request.header("Range");
  if (range.empty()) return {.body = content};
  const std::size_t from = std::stoul(range.substr(6));
  return {.status = 206,
          .headers = {{"Content-Range", "bytes " + std::to_string(from) + "-" +
                                            std::to_string(content.size() - 1) + "/" +
                                            std::to_string(content.size())}},
          .body = content.substr(from)};
}

class RecordingTap final : public BlobTap {
 public:
  void pass(Bytes bytes) override { seen += as_text(bytes); }
  void void_all() override {
    ++voided;
    seen.clear();
  }
  std::string seen;
  int voided = 0;
};

class FetchTest : public testing::Test {
 protected:
  Result<void> fetch(std::initializer_list<const ScriptServer*> servers, FakeIngest& ingest) {
    Hosts hosts;
    for (const ScriptServer* one : servers) hosts.push_back(ground_.session(*one));
    return fetch(hosts, ingest);
  }
  Result<void> fetch(const Hosts& hosts, FakeIngest& ingest) {
    const BlobTarget target{.ingest = ingest,
                            .commit = [&] { return ingest.commit(); },
                            .tap = &tap_,
                            .progress = [&](std::uint64_t done) { progress_.push_back(done); }};
    return fetch_blob(hosts, blob_, target, troubles_, {});
  }
  std::string content_ = pattern(kSize);
  oci::Descriptor blob_ = descriptor_of(content_);
  Ground ground_;
  RecordingTap tap_;
  Troubles troubles_;
  std::vector<std::uint64_t> progress_;
};

TEST_F(FetchTest, Whole) {
  ScriptServer server([&](const SeenRequest& request) { return serve(content_, request); });
  FakeIngest ingest(blob_);
  ASSERT_OK(fetch({&server}, ingest));
  EXPECT_TRUE(ingest.committed);
  EXPECT_EQ(ingest.bytes(), content_);
  EXPECT_EQ(tap_.seen, content_);
  EXPECT_EQ(progress_.back(), kSize);
  EXPECT_TRUE(troubles_.empty());
  EXPECT_EQ(server.seen().at(0).path, "/v2/team/app/blobs/" + blob_.digest.text());
  EXPECT_FALSE(server.seen().at(0).has("Range"));
}

TEST_F(FetchTest, GoesOnWhereItBroke) {
  for (const bool chunked : {false, true}) {
    ScriptServer server([&](const SeenRequest& request) {
      Reply reply = serve(content_, request);
      reply.chunked = chunked;
      if (reply.body.size() > 100'000) reply.cut_after = 90'001;
      return reply;
    });
    FakeIngest ingest(blob_);
    ASSERT_OK(fetch({&server}, ingest));
    EXPECT_EQ(ingest.bytes(), content_);
    EXPECT_EQ(ingest.restarts, 0);
    ASSERT_EQ(server.seen().size(), 5U);
    EXPECT_EQ(server.seen().at(1).header("Range"), "bytes=90001-");
    EXPECT_EQ(server.seen().at(4).header("Range"), "bytes=360004-");
  }
}

TEST_F(FetchTest, GoesOnAtEveryPossibleByte) {
  const std::string small = pattern(37);
  blob_ = descriptor_of(small);
  for (std::size_t cut = 0; cut <= small.size(); ++cut) {
    bool first = true;
    ScriptServer server([&](const SeenRequest& request) {
      Reply reply = serve(small, request);
      if (std::exchange(first, false)) reply.cut_after = cut;
      return reply;
    });
    FakeIngest ingest(blob_);
    ASSERT_OK(fetch({&server}, ingest));
    EXPECT_EQ(ingest.bytes(), small) << cut;
  }
}

TEST_F(FetchTest, GoesOnWithWhatAnEarlierProcessLeft) {
  ScriptServer server([&](const SeenRequest& request) { return serve(content_, request); });
  FakeIngest ingest(blob_, content_.substr(0, 123'456));
  ASSERT_OK(fetch({&server}, ingest));
  EXPECT_EQ(ingest.bytes(), content_);
  EXPECT_EQ(server.seen().at(0).header("Range"), "bytes=123456-");
  FakeIngest whole(blob_, content_);
  ASSERT_OK(fetch({&server}, whole));
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST_F(FetchTest, AServerWithoutRangesIsReadPastWhatIsThere) {
  ScriptServer server([&](const SeenRequest&) { return Reply{.body = content_}; });
  FakeIngest ingest(blob_, content_.substr(0, 300'000));
  ASSERT_OK(fetch({&server}, ingest));
  EXPECT_EQ(ingest.bytes(), content_);
  EXPECT_EQ(ingest.restarts, 0);
}

TEST_F(FetchTest, AWrongRangeIsNotBelieved) {
  for (const char* range :
       {"bytes 0-99/400000", "bytes 100001-399999/400000", "bytes 100000-399999/500000",
        "bytes 100000-399998/400000", "nonsense", ""}) {
    ScriptServer server([&](const SeenRequest& request) {
      if (request.header("Range").empty()) return Reply{.body = content_};
      return Reply{
          .status = 206, .headers = {{"Content-Range", range}}, .body = content_.substr(100'000)};
    });
    FakeIngest ingest(blob_, content_.substr(0, 100'000));
    ASSERT_OK(fetch({&server}, ingest));
    EXPECT_EQ(ingest.bytes(), content_) << range;
    EXPECT_EQ(ingest.restarts, 1) << range;
  }
}

TEST_F(FetchTest, RangeNotSatisfiableBeginsAgain) {
  ScriptServer server([&](const SeenRequest& request) {
    if (request.has("Range")) return Reply{.status = 416};
    return Reply{.body = content_};
  });
  FakeIngest ingest(blob_, "x");
  ASSERT_OK(fetch({&server}, ingest));
  EXPECT_EQ(ingest.bytes(), content_);
}

TEST_F(FetchTest, ABadBeginningIsFetchedAnew) {
  ScriptServer server([&](const SeenRequest& request) { return serve(content_, request); });
  FakeIngest ingest(blob_, std::string(1000, 'x'));
  ASSERT_OK(fetch({&server}, ingest));
  EXPECT_EQ(ingest.bytes(), content_);
  EXPECT_EQ(tap_.seen, content_);
  EXPECT_EQ(tap_.voided, 1);
}

TEST_F(FetchTest, WrongBytesOfTheOnlyHostAreAnError) {
  std::string wrong = content_;
  wrong[77] ^= 1;
  ScriptServer server([&](const SeenRequest& request) { return serve(wrong, request); });
  FakeIngest ingest(blob_);
  const auto result = fetch({&server}, ingest);
  EXPECT_EQ(code_of(result), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(error_of(result), HasSubstr(server.url()));
  EXPECT_FALSE(ingest.committed);
  EXPECT_TRUE(ingest.bytes().empty());
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST_F(FetchTest, WrongBytesOfAMirrorAreFetchedElsewhere) {
  std::string wrong = content_;
  wrong[77] ^= 1;
  ScriptServer mirror([&](const SeenRequest& request) { return serve(wrong, request); });
  ScriptServer server([&](const SeenRequest& request) { return serve(content_, request); });
  FakeIngest ingest(blob_);
  ASSERT_OK(fetch({&mirror, &server}, ingest));
  EXPECT_EQ(ingest.bytes(), content_);
  EXPECT_FALSE(server.seen().at(0).has("Range"));
  EXPECT_EQ(tap_.seen, content_);
  ASSERT_EQ(troubles_.size(), 1U);
  EXPECT_THAT(troubles_[0], HasSubstr(mirror.url()));
}

TEST_F(FetchTest, TheNextHostGoesOnBehindWhatAMirrorGave) {
  ScriptServer mirror([&](const SeenRequest& request) {
    if (request.has("Range")) return Reply{.status = 404};
    Reply reply = serve(content_, request);
    reply.cut_after = 150'000;
    return reply;
  });
  ScriptServer server([&](const SeenRequest& request) { return serve(content_, request); });
  FakeIngest ingest(blob_);
  ASSERT_OK(fetch({&mirror, &server}, ingest));
  EXPECT_EQ(ingest.bytes(), content_);
  EXPECT_EQ(server.seen().at(0).header("Range"), "bytes=150000-");
}

TEST_F(FetchTest, HalfAWrongBlobOfAMirrorDoesNotSpoilTheOther) {
  std::string wrong = content_;
  wrong[77] ^= 1;
  ScriptServer mirror([&](const SeenRequest& request) {
    if (request.has("Range")) return Reply{.status = 404};
    Reply reply = serve(wrong, request);
    reply.cut_after = 150'000;
    return reply;
  });
  ScriptServer server([&](const SeenRequest& request) { return serve(content_, request); });
  FakeIngest ingest(blob_);
  ASSERT_OK(fetch({&mirror, &server}, ingest));
  EXPECT_EQ(ingest.bytes(), content_);
  ASSERT_EQ(server.seen().size(), 2U);
  EXPECT_FALSE(server.seen().at(1).has("Range"));
}

TEST_F(FetchTest, PassesOverMirrors) {
  ScriptServer missing([&](const SeenRequest&) { return Reply{.status = 404}; });
  ScriptServer failing([&](const SeenRequest&) { return Reply{.status = 500}; });
  ScriptServer stalling(
      [&](const SeenRequest&) { return Reply{.body = content_, .stall_after = 0}; });
  ScriptServer denying([&](const SeenRequest&) { return Reply{.status = 403}; });
  ScriptServer server([&](const SeenRequest& request) { return serve(content_, request); });
  Hosts hosts;
  for (const ScriptServer* one : {&missing, &failing, &stalling, &denying, &server}) {
    Endpoint endpoint = Ground::endpoint_of(*one);
    if (one == &stalling) endpoint.timeouts.idle = Milliseconds{50};
    hosts.push_back(ground_.session(endpoint, {.attempts = 1}));
  }
  Endpoint nobody = Ground::endpoint_of(server);
  {
    ScriptServer gone([&](const SeenRequest&) { return Reply{}; });
    nobody.port = gone.port();
  }
  hosts.insert(hosts.begin(), ground_.session(nobody, {.attempts = 1}));
  FakeIngest ingest(blob_);
  ASSERT_OK(fetch(hosts, ingest));
  EXPECT_EQ(ingest.bytes(), content_);
  EXPECT_EQ(troubles_.size(), 5U);
}

TEST_F(FetchTest, EveryHostsReasonIsTold) {
  ScriptServer first([&](const SeenRequest&) { return Reply{.status = 403}; });
  ScriptServer second([&](const SeenRequest&) { return Reply{.status = 404}; });
  FakeIngest ingest(blob_);
  const auto result = fetch({&first, &second}, ingest);
  EXPECT_EQ(code_of(result), ErrorCode::kNotFound);
  EXPECT_THAT(error_of(result), HasSubstr("before that: "));
  EXPECT_THAT(error_of(result), HasSubstr(first.url()));
  EXPECT_THAT(error_of(result), HasSubstr(second.url()));
}

TEST_F(FetchTest, ABodyThatNeverEndsIsCutOff) {
  ScriptServer server([&](const SeenRequest&) {
    return Reply{.body = pattern(100'000), .chunked = true, .endless = true};
  });
  FakeIngest ingest(blob_);
  const auto result = fetch({&server}, ingest);
  EXPECT_EQ(code_of(result), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(error_of(result), HasSubstr("more than 400000 bytes"));
  EXPECT_LE(ingest.bytes().size(), kSize);
}

TEST_F(FetchTest, AnAnnouncedWrongSizeIsNotEvenRead) {
  ScriptServer server([&](const SeenRequest&) { return Reply{.body = content_ + "x"}; });
  FakeIngest ingest(blob_);
  EXPECT_THAT(error_of(fetch({&server}, ingest)),
              HasSubstr("announces 400001 bytes instead of 400000"));
  EXPECT_TRUE(ingest.bytes().empty());
}

TEST_F(FetchTest, AShortBodyIsNotTakenForAWhole) {
  ScriptServer server(
      [&](const SeenRequest&) { return Reply{.body = content_.substr(0, 1000), .chunked = true}; });
  FakeIngest ingest(blob_);
  const auto result = fetch({&server}, ingest);
  EXPECT_FALSE(result);
  EXPECT_FALSE(ingest.committed);
  EXPECT_LE(server.seen().size(), 10U);
}

TEST_F(FetchTest, AFullDiskIsNobodyElsesFault) {
  ScriptServer first([&](const SeenRequest& request) { return serve(content_, request); });
  ScriptServer second([&](const SeenRequest& request) { return serve(content_, request); });
  FakeIngest ingest(blob_);
  ingest.fail_at = 100'000;
  EXPECT_EQ(code_of(fetch({&first, &second}, ingest)), ErrorCode::kResourceExhausted);
  EXPECT_TRUE(second.seen().empty());
}

TEST_F(FetchTest, AStalledServerIsLeftAndGoneOnWith) {
  int count = 0;
  ScriptServer server([&](const SeenRequest& request) {
    Reply reply = serve(content_, request);
    if (++count == 1) reply.stall_after = 200'000;
    return reply;
  });
  FakeIngest ingest(blob_);
  Endpoint endpoint = Ground::endpoint_of(server);
  endpoint.timeouts.idle = Milliseconds{200};
  Hosts hosts;
  hosts.push_back(ground_.session(endpoint));
  ASSERT_OK(fetch(hosts, ingest));
  EXPECT_EQ(ingest.bytes(), content_);
}

TEST_F(FetchTest, AHostThatOnlyKeepsTheConnectionAliveIsLeft) {
  const std::string small = pattern(10'000);
  blob_ = descriptor_of(small);
  ScriptServer slow(
      [&](const SeenRequest&) { return Reply{.body = small.substr(0, 9'999), .chunked = true}; });
  ground_.clock.tick = Milliseconds{121'000};
  FakeIngest ingest(blob_);
  const auto result = fetch({&slow}, ingest);
  EXPECT_THAT(error_of(result), HasSubstr("slower than"));
  EXPECT_EQ(slow.seen().size(), 1U);
}

TEST_F(FetchTest, EmbeddedDataNeedsNoHostAndIsChecked) {
  ScriptServer server([&](const SeenRequest& request) { return serve(content_, request); });
  blob_.data = content_;
  FakeIngest ingest(blob_);
  ASSERT_OK(fetch({&server}, ingest));
  EXPECT_TRUE(server.seen().empty());
  EXPECT_EQ(tap_.seen, content_);
  blob_.data[5] ^= 1;
  FakeIngest other(blob_);
  ASSERT_OK(fetch({&server}, other));
  EXPECT_EQ(other.bytes(), content_);
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST_F(FetchTest, ForeignUrlsAreFetchedWithoutCredentials) {
  const test::TestIdentity identity = test::make_identity();
  ScriptServer server([&](const SeenRequest& request) {
    if (request.header("Authorization").empty())
      return Reply{.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=x"}}};
    return serve(content_, request);
  });
  ScriptServer elsewhere(
      [&](const SeenRequest& request) {
        EXPECT_FALSE(request.has("Authorization"));
        return Reply{.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=give"}}};
      },
      &identity);
  blob_.media_type = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
  blob_.urls = {"http://127.0.0.1:1/plain-is-not-asked", elsewhere.url("/layer")};
  Ground ground({"user", "pw", "", ""});
  Endpoint endpoint = Ground::endpoint_of(server);
  endpoint.tls.skip_verify = true;
  Hosts hosts;
  hosts.push_back(ground.session(endpoint, {.attempts = 1}));
  FakeIngest ingest(blob_);
  ASSERT_OK(fetch(hosts, ingest));
  EXPECT_EQ(ingest.bytes(), content_);
  EXPECT_EQ(elsewhere.seen().size(), 1U);
}

// ---- manifests ---------------------------------------------------------------------------------

std::string manifest_text() {
  return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":")" +
         digest_of("c").text() + R"(","size":1},"layers":[]})";
}

class ManifestTest : public testing::Test {
 protected:
  Result<FetchedDocument> get(const ScriptServer& server, const oci::Digest& expected = {}) {
    const auto session = ground_.session(Ground::endpoint_of(server), {.attempts = 1});
    return get_manifest(*session, expected.empty() ? "latest" : expected.text(), expected, {});
  }
  static Reply manifest(std::string body,
                        const std::string& type = std::string(oci::media::kManifest)) {
    return {.headers = {{"Content-Type", type}}, .body = std::move(body)};
  }
  Ground ground_;
};

TEST_F(ManifestTest, ComesWithItsDigestAndType) {
  ScriptServer server([&](const SeenRequest& request) {
    EXPECT_THAT(request.header("Accept"), HasSubstr("application/vnd.oci.image.index.v1+json"));
    Reply reply =
        manifest(manifest_text(), "application/vnd.oci.image.manifest.v1+json; charset=utf-8");
    reply.headers.emplace_back("Docker-Content-Digest", digest_of(manifest_text()).text());
    return reply;
  });
  const auto got = get(server);
  ASSERT_OK(got);
  EXPECT_EQ(got->bytes, manifest_text());
  EXPECT_EQ(got->descriptor.digest, digest_of(manifest_text()));
  EXPECT_EQ(got->descriptor.media_type, oci::media::kManifest);
}

TEST_F(ManifestTest, WrongDigestsAreRefused) {
  ScriptServer server([&](const SeenRequest&) { return manifest(manifest_text()); });
  EXPECT_EQ(code_of(get(server, digest_of("other"))), ErrorCode::kFailedPrecondition);
  ScriptServer lying([&](const SeenRequest&) {
    Reply reply = manifest(manifest_text());
    reply.headers.emplace_back("Docker-Content-Digest", digest_of("other").text());
    return reply;
  });
  EXPECT_THAT(error_of(get(lying)), HasSubstr("Docker-Content-Digest says"));
  ScriptServer junk([&](const SeenRequest&) {
    Reply reply = manifest(manifest_text());
    reply.headers.emplace_back("Docker-Content-Digest", "sha256:../../etc");
    return reply;
  });
  EXPECT_FALSE(get(junk));
}

TEST_F(ManifestTest, TypeAndContentMustAgree) {
  const std::string index_type(oci::media::kIndex);
  ScriptServer server([&](const SeenRequest&) { return manifest(manifest_text(), index_type); });
  EXPECT_EQ(code_of(get(server)), ErrorCode::kInvalidArgument);
  ScriptServer both([&](const SeenRequest&) {
    std::string text = manifest_text();
    text.insert(text.size() - 1, ",\"manifests\":[]");
    return manifest(text);
  });
  EXPECT_EQ(code_of(get(both)), ErrorCode::kInvalidArgument);
  ScriptServer old([&](const SeenRequest&) {
    return manifest(R"({"schemaVersion":1,"fsLayers":[]})",
                    "application/vnd.docker.distribution.manifest.v1+prettyjws");
  });
  EXPECT_EQ(code_of(get(old)), ErrorCode::kUnsupported);
  ScriptServer html([&](const SeenRequest&) { return manifest("<html>", "text/html"); });
  EXPECT_FALSE(get(html));
}

TEST_F(ManifestTest, FourMebibytesAreEnough) {
  ScriptServer server([&](const SeenRequest&) { return manifest(std::string(5'000'000, ' ')); });
  EXPECT_EQ(code_of(get(server)), ErrorCode::kResourceExhausted);
  ScriptServer endless([&](const SeenRequest&) {
    Reply reply = manifest(std::string(100'000, ' '));
    reply.chunked = reply.endless = true;
    return reply;
  });
  EXPECT_EQ(code_of(get(endless)), ErrorCode::kResourceExhausted);
}

TEST_F(ManifestTest, HeadSaysAllOrNothing) {
  const auto head = [&](const ScriptServer& server) {
    return head_manifest(*ground_.session(Ground::endpoint_of(server), {.attempts = 1}), "latest",
                         {});
  };
  ScriptServer good([&](const SeenRequest&) {
    Reply reply = manifest(manifest_text());
    reply.headers.emplace_back("Docker-Content-Digest", digest_of(manifest_text()).text());
    return reply;
  });
  const auto found = head(good);
  ASSERT_OK(found);
  EXPECT_EQ((*found)->digest, digest_of(manifest_text()));
  EXPECT_EQ((*found)->size, manifest_text().size());
  ScriptServer silent([&](const SeenRequest&) { return manifest(manifest_text()); });
  EXPECT_FALSE(head(silent)->has_value());
  ScriptServer unknown([&](const SeenRequest&) { return Reply{.status = 405}; });
  EXPECT_FALSE(head(unknown)->has_value());
  ScriptServer absent([&](const SeenRequest&) { return Reply{.status = 404}; });
  EXPECT_EQ(code_of(head(absent)), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace nacre::images::registry
