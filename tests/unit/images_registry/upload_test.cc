#include "images/registry/upload.h"

#include "tests/unit/images_registry/registry_double.h"
#include "tests/unit/images_registry/support.h"

namespace nacre::images::registry {
namespace {

using test::code_of;
using test::descriptor_of;
using test::error_of;
using test::Ground;
using test::pattern;
using test::RegistryDouble;
using test::Reply;
using test::ScriptServer;
using test::SeenRequest;
using testing::ElementsAre;
using testing::HasSubstr;

class UploadTest : public testing::Test {
 protected:
  Result<Uploaded> upload(const UploadOptions& options = {}) {
    const BlobReader reader = [this](std::uint64_t offset) -> Result<std::unique_ptr<Source>> {
      return std::make_unique<MemorySource>(std::string_view(content_).substr(offset));
    };
    const auto session = ground_.session(Ground::endpoint_of(server_), {.attempts = 4});
    return upload_blob(*session, blob_, reader, options, {});
  }
  bool arrived() { return registry_.blobs["team/app@" + blob_.digest.text()] == content_; }
  std::vector<std::string> methods() {
    std::vector<std::string> out;
    for (const auto& one : server_.seen()) out.push_back(one.method);
    return out;
  }

  std::string content_ = pattern(300'000);
  oci::Descriptor blob_ = descriptor_of(content_);
  Ground ground_;
  RegistryDouble registry_;
  ScriptServer server_{[this](const SeenRequest& request) { return registry_.answer(request); }};
};

TEST_F(UploadTest, WholeInOneRequest) {
  std::uint64_t last = 0;
  const auto done = upload({.progress = [&](std::uint64_t bytes) { last = bytes; }});
  ASSERT_OK(done);
  EXPECT_EQ(*done, Uploaded::kSent);
  EXPECT_TRUE(arrived());
  EXPECT_EQ(last, content_.size());
  EXPECT_THAT(methods(), ElementsAre("HEAD", "POST", "PUT"));
  EXPECT_EQ(server_.seen()[1].header("Content-Length"), "0");
  EXPECT_EQ(server_.seen()[2].query, "_state=0&digest=sha256%3A" + std::string(blob_.digest.hex()));
}

TEST_F(UploadTest, AbsoluteLocationsAreFollowed) {
  registry_.absolute_locations = true;
  registry_.origin = server_.url();
  ASSERT_OK(upload());
  EXPECT_TRUE(arrived());
}

TEST_F(UploadTest, WhatIsThereIsNotSent) {
  registry_.add_blob("team/app", content_);
  EXPECT_EQ(*upload(), Uploaded::kWasThere);
  EXPECT_THAT(methods(), ElementsAre("HEAD"));
}

TEST_F(UploadTest, TakenOverFromAnotherRepository) {
  registry_.add_blob("base/os", content_);
  const auto done = upload({.mount_from = {"team/app", "base/os"}});
  ASSERT_OK(done);
  EXPECT_EQ(*done, Uploaded::kMounted);
  EXPECT_TRUE(arrived());
  EXPECT_THAT(methods(), ElementsAre("HEAD", "POST"));
  EXPECT_THAT(server_.seen()[1].query, HasSubstr("from=base%2Fos"));
}

TEST_F(UploadTest, ARegistryThatCannotMountGetsTheBlob) {
  registry_.can_mount = false;
  registry_.add_blob("base/os", content_);
  const auto done = upload({.mount_from = {"base/os"}});
  ASSERT_OK(done);
  EXPECT_EQ(*done, Uploaded::kSent);
  EXPECT_TRUE(arrived());
  // The upload that the registry began instead is the one that is used.
  EXPECT_THAT(methods(), ElementsAre("HEAD", "POST", "PUT"));
}

TEST_F(UploadTest, InChunks) {
  ASSERT_OK(upload({.chunk_bytes = 100'000}));
  EXPECT_TRUE(arrived());
  EXPECT_THAT(methods(), ElementsAre("HEAD", "POST", "PATCH", "PATCH", "PATCH", "PUT"));
  EXPECT_EQ(server_.seen()[3].header("Content-Range"), "100000-199999");
  EXPECT_EQ(server_.seen()[5].header("Content-Length"), "0");
}

TEST_F(UploadTest, ChunksAreAsLargeAsTheRegistryWants) {
  registry_.least_chunk = 200'000;
  ASSERT_OK(upload({.chunk_bytes = 1'000}));
  EXPECT_TRUE(arrived());
  EXPECT_THAT(registry_.log,
              ElementsAre("PATCH upload 200000", "PATCH upload 100000", "PUT upload 0"));
}

TEST_F(UploadTest, TooLargeForOneRequestGoesInChunks) {
  registry_.most_body = 17 << 20;
  content_ = pattern(std::size_t{20} << 20U);
  blob_ = descriptor_of(content_);
  ASSERT_OK(upload());
  EXPECT_TRUE(arrived());
}

TEST_F(UploadTest, GoesOnAfterAnInterruption) {
  int puts = 0;
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (request.method != "PATCH" || ++puts != 2) return std::nullopt;
    SeenRequest half = request;
    half.body.resize(40'000);
    registry_.fault = nullptr;
    static_cast<void>(registry_.answer(half));
    return Reply{.raw = "HTTP/1.1 "};
  };
  ASSERT_OK(upload({.chunk_bytes = 100'000}));
  EXPECT_TRUE(arrived());
  EXPECT_THAT(registry_.log,
              ElementsAre("PATCH upload 100000", "PATCH upload 40000", "GET upload 0",
                          "PATCH upload 100000", "PATCH upload 60000", "PUT upload 0"));
}

TEST_F(UploadTest, AnOutOfDateOffsetIsAskedFor) {
  bool once = true;
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (request.method != "PATCH" || !std::exchange(once, false)) return std::nullopt;
    return Reply{.status = 416};
  };
  ASSERT_OK(upload({.chunk_bytes = 200'000}));
  EXPECT_TRUE(arrived());
}

TEST_F(UploadTest, AnUploadThatIsForgottenBeginsAgain) {
  bool once = true;
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (request.method != "PUT" || !std::exchange(once, false)) return std::nullopt;
    return Reply{.status = 404};
  };
  ASSERT_OK(upload());
  EXPECT_TRUE(arrived());
}

TEST_F(UploadTest, GivesUpAndCleansUp) {
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (request.method != "PUT") return std::nullopt;
    return Reply{.status = 503};
  };
  EXPECT_EQ(code_of(upload()), ErrorCode::kUnavailable);
  const auto seen = methods();
  EXPECT_EQ(std::ranges::count(seen, "DELETE"), std::ranges::count(seen, "POST"));
  EXPECT_FALSE(arrived());
}

TEST_F(UploadTest, ARefusalIsTold) {
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (request.method != "POST") return std::nullopt;
    return Reply{.status = 403, .body = R"({"errors":[{"code":"DENIED","message":"read only"}]})"};
  };
  const auto done = upload();
  EXPECT_EQ(code_of(done), ErrorCode::kPermissionDenied);
  EXPECT_THAT(error_of(done), HasSubstr("\"DENIED\" \"read only\""));
}

TEST_F(UploadTest, ALyingRegistryIsNoticed) {
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (request.method != "PUT") return std::nullopt;
    return Reply{.status = 201,
                 .headers = {{"Docker-Content-Digest", test::digest_of("other").text()}}};
  };
  EXPECT_EQ(code_of(upload()), ErrorCode::kFailedPrecondition);
}

TEST_F(UploadTest, MalformedLocationsAreRefused) {
  for (const char* location : {"", "file:///x", "http://user@127.0.0.1/x"}) {
    registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
      if (request.method != "POST") return std::nullopt;
      return Reply{.status = 202, .headers = {{"Location", location}}};
    };
    EXPECT_FALSE(upload()) << location;
  }
}

TEST_F(UploadTest, AnotherHostGetsTheBytesAndNoCredentials) {
  std::string got;
  ScriptServer storage([&](const SeenRequest& request) {
    EXPECT_FALSE(request.has("Authorization"));
    got = request.body;
    return Reply{.status = 201};
  });
  ScriptServer server([&](const SeenRequest& request) {
    if (request.header("Authorization").empty())
      return Reply{.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=x"}}};
    if (request.method == "HEAD") return Reply{.status = 404};
    return Reply{.status = 202, .headers = {{"Location", storage.url("/bucket?sig=1")}}};
  });
  Ground ground({"user", "pw", "", ""});
  const auto session = ground.session(server);
  const BlobReader reader = [this](std::uint64_t offset) -> Result<std::unique_ptr<Source>> {
    return std::make_unique<MemorySource>(std::string_view(content_).substr(offset));
  };
  ASSERT_OK(upload_blob(*session, blob_, reader, {}, {}));
  EXPECT_EQ(got, content_);
}

TEST_F(UploadTest, AnEmptyBlob) {
  content_.clear();
  blob_ = descriptor_of(content_);
  ASSERT_OK(upload());
  EXPECT_TRUE(registry_.blobs.contains("team/app@" + blob_.digest.text()));
}

}  // namespace
}  // namespace nacre::images::registry
