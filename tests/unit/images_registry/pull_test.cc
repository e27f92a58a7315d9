// Whole images from a registry into a real store.
#include "images/registry/pull.h"

#include "tests/unit/images_registry/image_fixture.h"

namespace nacre::images::registry {
namespace {

using test::code_of;
using test::error_of;
using test::Reply;
using test::SeenRequest;
using testing::Contains;
using testing::HasSubstr;

class PullTest : public test::ImageTest {};

TEST_F(PullTest, FetchesUnpacksAndNames) {
  const auto image = sample("app", "1", 3);
  const auto pulled = pull("app:1");
  ASSERT_OK(pulled);
  EXPECT_EQ(pulled->target.digest, image.manifest.digest);
  EXPECT_EQ(pulled->config, image.config.digest);
  EXPECT_FALSE(pulled->was_there);
  expect_complete(image);
  EXPECT_EQ((*store().find_image(name("app:1")))->target.digest, image.manifest.digest);
  EXPECT_TRUE(images::test::strays(store(), root()).empty());
  // Every byte of every layer has been told of.
  for (const auto& layer : image.layers)
    EXPECT_THAT(listener_.last(layer.descriptor.digest),
                (std::pair(Step::kDone, layer.descriptor.size)));
}

TEST_F(PullTest, ASecondTimeCostsOneQuestion) {
  sample("app", "1", 2);
  ASSERT_OK(pull("app:1"));
  const std::size_t before = server_.seen().size();
  const auto again = pull("app:1");
  ASSERT_OK(again);
  EXPECT_TRUE(again->was_there);
  EXPECT_EQ(server_.seen().size(), before + 1);
  EXPECT_EQ(server_.seen().back().method, "HEAD");
}

TEST_F(PullTest, AByDigestPullOfWhatIsThereAsksNobody) {
  const auto image = sample("app", "1", 1);
  ASSERT_OK(pull("app:1"));
  const std::size_t before = server_.seen().size();
  ASSERT_OK(pull("app@" + image.manifest.digest.text()));
  EXPECT_EQ(server_.seen().size(), before);
}

TEST_F(PullTest, LayersThatAreThereAreNotFetched) {
  const auto first = sample("app", "1", 2);
  ASSERT_OK(pull("app:1"));
  auto layers = first.layers;
  layers.push_back(images::test::sample_layer("new"));
  publish("app", "2", layers);
  const std::size_t before = server_.seen().size();
  ASSERT_OK(pull("app:2"));
  int blobs = 0;
  for (std::size_t i = before; i < server_.seen().size(); ++i)
    blobs += server_.seen()[i].path.find("/blobs/") != std::string::npos ? 1 : 0;
  EXPECT_EQ(blobs, 2);  // configuration and the new layer
  EXPECT_EQ(listener_.last(layers[0].descriptor.digest).first, Step::kWasThere);
}

TEST_F(PullTest, TheSameLayerTwiceIsFetchedOnce) {
  auto layers = std::vector{images::test::sample_layer("same"), images::test::sample_layer("same")};
  const auto image = publish("app", "1", layers);
  ASSERT_OK(pull("app:1"));
  expect_complete(image);
  int fetched = 0;
  for (const auto& one : server_.seen())
    fetched += one.path.ends_with(layers[0].descriptor.digest.text()) ? 1 : 0;
  EXPECT_EQ(fetched, 1);
}

TEST_F(PullTest, ChoosesThePlatform) {
  const auto amd = publish("app", "", {images::test::sample_layer("amd")}, "amd64");
  const auto arm = publish("app", "", {images::test::sample_layer("arm")}, "arm64");
  publish_index("app", "1", {{amd, "amd64"}, {arm, "arm64"}});
  auto pulled = pull("app:1", {.platform = oci::Platform{.architecture = "arm64", .os = "linux"}});
  ASSERT_OK(pulled);
  EXPECT_EQ(pulled->manifest.digest, arm.manifest.digest);
  EXPECT_NE(pulled->target.digest, arm.manifest.digest);
  EXPECT_FALSE((*store().find_blob(amd.manifest.digest)).has_value());
  const auto none =
      pull("app:1", {.platform = oci::Platform{.architecture = "riscv64", .os = "linux"}});
  EXPECT_EQ(code_of(none), ErrorCode::kNotFound);
  EXPECT_THAT(error_of(none), HasSubstr("arm64"));
}

TEST_F(PullTest, ASingleManifestForAnotherPlatform) {
  publish("app", "1", {images::test::sample_layer("x")}, "s390x");
  ASSERT_OK(pull("app:1"));
  EXPECT_THAT(listener_.warnings(), Contains(HasSubstr("is for linux/s390x")));
  EXPECT_EQ(
      code_of(pull("app:1", {.platform = oci::Platform{.architecture = "amd64", .os = "linux"}})),
      ErrorCode::kNotFound);
}

TEST_F(PullTest, IndexesInIndexes) {
  const auto image = publish("app", "", {images::test::sample_layer("deep")}, "amd64");
  const oci::Platform amd64{.architecture = "amd64", .os = "linux"};
  auto inner = publish_index("app", "inner", {{image, "amd64"}});
  auto outer = publish_nested_index("app", "outer", inner);
  const auto pulled = pull("app:outer", {.platform = amd64});
  ASSERT_OK(pulled);
  EXPECT_EQ(pulled->manifest.digest, image.manifest.digest);
  for (int i = 0; i < 10; ++i) outer = publish_nested_index("app", "too-deep", outer);
  EXPECT_THAT(error_of(pull("app:too-deep", {.platform = amd64})), HasSubstr("more than 8 deep"));
}

// Each of seven indexes names the next one a thousand times: 10^21 ways to nothing.
TEST_F(PullTest, AnIndexNamedAgainAndAgainIsLookedAtOnce) {
  const auto image = publish("app", "", {images::test::sample_layer("other")}, "riscv64");
  auto index = publish_index("app", "0", {{image, "riscv64"}});
  for (int i = 1; i < 8; ++i) index = publish_nested_index("app", std::to_string(i), index, 1000);
  const auto pulled =
      pull("app:7", {.platform = oci::Platform{.architecture = "amd64", .os = "linux"}});
  EXPECT_EQ(code_of(pulled), ErrorCode::kNotFound);
}

TEST_F(PullTest, NothingIsNamedWhenSomethingFails) {
  const auto image = sample("app", "1", 3);
  registry_.blobs.erase("app@" + image.layers[2].descriptor.digest.text());
  EXPECT_EQ(code_of(pull("app:1")), ErrorCode::kNotFound);
  EXPECT_FALSE((*store().find_image(name("app:1"))).has_value());
  registry_.add_blob("app", image.layers[2].blob);
  ASSERT_OK(pull("app:1"));
  expect_complete(image);
}

TEST_F(PullTest, TheOldImageStaysWhenTheNewOneFails) {
  const auto old = sample("app", "1", 1);
  ASSERT_OK(pull("app:1"));
  const auto changed = publish("app", "1", {images::test::sample_layer("changed")});
  registry_.blobs.erase("app@" + changed.layers[0].descriptor.digest.text());
  EXPECT_FALSE(pull("app:1"));
  EXPECT_EQ((*store().find_image(name("app:1")))->target.digest, old.manifest.digest);
}

TEST_F(PullTest, ALayerWithTheWrongDiffIdIsRefused) {
  auto layers = std::vector{images::test::sample_layer("a")};
  layers[0].diff_id = test::digest_of("something else");
  publish("app", "1", layers);
  EXPECT_EQ(code_of(pull("app:1")), ErrorCode::kFailedPrecondition);
  EXPECT_FALSE((*store().find_image(name("app:1"))).has_value());
  EXPECT_TRUE((*store().layers()).empty());
}

TEST_F(PullTest, WrongBytesAreNotUnpacked) {
  const auto image = sample("app", "1", 1);
  const auto other = images::test::sample_layer("other");
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (!request.path.ends_with(image.layers[0].descriptor.digest.text())) return std::nullopt;
    std::string wrong = image.layers[0].blob;
    wrong[wrong.size() / 2] ^= 1;
    return Reply{.body = wrong};
  };
  EXPECT_FALSE(pull("app:1"));
  EXPECT_TRUE((*store().layers()).empty());
  registry_.fault = nullptr;
  ASSERT_OK(pull("app:1"));
  expect_complete(image);
}

TEST_F(PullTest, BrokenConnectionsAreOvercomeWhileUnpacking) {
  auto layers = std::vector{images::test::sample_layer("big", 20, 50'000),
                            images::test::sample_layer("small")};
  const auto image = publish("app", "1", layers);
  int count = 0;
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (request.path.find("/blobs/") == std::string::npos || ++count % 2 == 0) return std::nullopt;
    const auto found =
        registry_.blobs.find("app@" + request.path.substr(request.path.rfind('/') + 1));
    if (found == registry_.blobs.end() || request.has("Range")) return std::nullopt;
    return Reply{.body = found->second, .cut_after = found->second.size() / 2};
  };
  ASSERT_OK(pull("app:1"));
  expect_complete(image);
}

TEST_F(PullTest, GoesOnAfterAKilledProcess) {
  const auto image = publish("app", "1", {images::test::sample_layer("big", 20, 50'000)});
  const auto& layer = image.layers[0];
  {
    const auto lease = store().lease();
    ASSERT_OK(lease);
    auto ingest = store().ingest(*lease, layer.descriptor);
    ASSERT_OK(ingest);
    ASSERT_OK((*ingest)->write(as_bytes(std::string_view(layer.blob).substr(0, 400'000))));
  }
  reopen_store();
  ASSERT_OK(pull("app:1"));
  expect_complete(image);
  bool resumed = false;
  for (const auto& one : server_.seen())
    resumed = resumed || one.header("Range") == "bytes=400000-";
  EXPECT_TRUE(resumed);
}

TEST_F(PullTest, BlobsOnly) {
  const auto image = sample("app", "1", 2);
  ASSERT_OK(pull("app:1", {.unpack = false}));
  EXPECT_TRUE((*store().layers()).empty());
  EXPECT_TRUE((*store().find_blob(image.layers[0].descriptor.digest)).has_value());
}

TEST_F(PullTest, TenAtOnce) {
  std::vector<test::PublishedImage> images;
  const auto base = images::test::sample_layer("base", 10, 20'000);
  for (int i = 0; i < 10; ++i)
    images.push_back(publish("app" + std::to_string(i), "1",
                             {base, images::test::sample_layer("own" + std::to_string(i))}));
  // One registry name, ten repositories: each has the base blob.
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 10; ++i)
    threads.emplace_back(
        [&, i] { good += pull("app" + std::to_string(i) + ":1").has_value() ? 1 : 0; });
  for (auto& one : threads) one.join();
  EXPECT_EQ(good, 10);
  for (const auto& image : images) expect_complete(image);
  int fetched = 0;
  for (const auto& one : server_.seen())
    fetched += one.path.ends_with(base.descriptor.digest.text()) && one.method == "GET" ? 1 : 0;
  EXPECT_EQ(fetched, 1);
  EXPECT_TRUE(images::test::strays(store(), root()).empty());
}

TEST_F(PullTest, CanBeCancelledInTheMiddle) {
  const auto image = publish("app", "1", {images::test::sample_layer("big", 20, 50'000)});
  std::stop_source stop;
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (!request.path.ends_with(image.layers[0].descriptor.digest.text())) return std::nullopt;
    stop.request_stop();
    return Reply{.body = image.layers[0].blob, .stall_after = 100'000};
  };
  EXPECT_EQ(code_of(pull("app:1", {}, stop.get_token())), ErrorCode::kCancelled);
  EXPECT_FALSE((*store().find_image(name("app:1"))).has_value());
  EXPECT_TRUE((*store().layers()).empty());
}

TEST_F(PullTest, AMirrorWithoutTheTagIsAskedForBlobsOnly) {
  const auto image = sample("app", "1", 2);
  test::RegistryDouble mirrored = registry_;
  test::ScriptServer mirror([&](const SeenRequest& request) { return mirrored.answer(request); });
  write_hosts("[host.\"" + mirror.url() + "\"]\ncapabilities = [\"pull\"]\n");
  ASSERT_OK(pull("app:1"));
  expect_complete(image);
  for (const auto& one : mirror.seen()) {
    EXPECT_FALSE(one.path.ends_with("/manifests/1"));
    EXPECT_EQ(test::query_value(one.query, "ns"), server_.host());
  }
  ASSERT_EQ(server_.seen().size(), 1U);
  EXPECT_EQ(server_.seen()[0].path, "/v2/app/manifests/1");
}

TEST_F(PullTest, AMirrorWithWrongBytesIsReported) {
  const auto image = sample("app", "1", 2);
  test::RegistryDouble mirrored = registry_;
  for (auto& [key, bytes] : mirrored.blobs) bytes[bytes.size() / 2] ^= 1;
  test::ScriptServer mirror([&](const SeenRequest& request) { return mirrored.answer(request); });
  write_hosts("[host.\"" + mirror.url() + "\"]\ncapabilities = [\"pull\"]\n");
  ASSERT_OK(pull("app:1"));
  expect_complete(image);
  EXPECT_THAT(listener_.warnings(), Contains(HasSubstr(mirror.url())));
}

TEST_F(PullTest, ADeadMirrorDoesNotStopAnything) {
  const auto image = sample("app", "1", 2);
  std::string dead;
  {
    test::ScriptServer gone([&](const SeenRequest&) { return Reply{}; });
    dead = gone.url();
  }
  write_hosts("[host.\"" + dead + "\"]\n");
  ASSERT_OK(pull("app:1"));
  expect_complete(image);
}

TEST_F(PullTest, ArtifactsAndSchema1AreNoImages) {
  registry_.add_manifest(
      "app", "artifact", "application/vnd.oci.image.manifest.v1+json",
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":")" +
          test::digest_of("{}").text() + R"(","size":2},"layers":[]})");
  registry_.add_blob("app", "{}");
  EXPECT_EQ(code_of(pull("app:artifact")), ErrorCode::kInvalidArgument);
  registry_.add_manifest("app", "old", "application/vnd.docker.distribution.manifest.v1+prettyjws",
                         R"({"schemaVersion":1,"fsLayers":[]})");
  EXPECT_EQ(code_of(pull("app:old")), ErrorCode::kUnsupported);
  EXPECT_EQ(code_of(pull("app:absent")), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace nacre::images::registry
