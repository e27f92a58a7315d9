// Whole images from a real store to a registry.
#include "images/registry/push.h"

#include "tests/unit/images_registry/image_fixture.h"

namespace nacre::images::registry {
namespace {

using test::code_of;
using test::error_of;
using test::Reply;
using test::SeenRequest;
using testing::HasSubstr;

class PushTest : public test::ImageTest {
 protected:
  Result<Pushed> push(const oci::Descriptor& image, const std::string& to,
                      const PushOptions& options = {}) {
    const Reference reference = NACRE_TRY(Reference::parse(name(to)));
    return registry::push(*client_, store(), image, reference, options, &listener_, {});
  }
  // In the store only.
  test::PublishedImage in_store() {
    const auto image = sample("source", "1", 3);
    EXPECT_TRUE(pull("source:1"));
    registry_.manifests.clear();
    registry_.blobs.clear();
    registry_.log.clear();
    return image;
  }
};

TEST_F(PushTest, SendsExactlyWhatIsHere) {
  const auto image = in_store();
  const auto pushed = push(image.manifest, "target/app:2");
  ASSERT_OK(pushed);
  EXPECT_EQ(pushed->target.digest, image.manifest.digest);
  EXPECT_EQ(pushed->sent, 4U);
  const auto& there = registry_.manifests.at("target/app:2");
  EXPECT_EQ(test::digest_of(there.bytes), image.manifest.digest);
  EXPECT_EQ(there.type, image.manifest.media_type);
  for (const auto& layer : image.layers)
    EXPECT_EQ(registry_.blobs.at("target/app@" + layer.descriptor.digest.text()), layer.blob);
  EXPECT_EQ(registry_.log.back(), "PUT manifest target/app:2");
}

TEST_F(PushTest, ASecondTimeSendsNoBlob) {
  const auto image = in_store();
  ASSERT_OK(push(image.manifest, "target/app:2"));
  const auto again = push(image.manifest, "target/app:3");
  ASSERT_OK(again);
  EXPECT_EQ(again->sent, 0U);
  EXPECT_TRUE(registry_.manifests.contains("target/app:3"));
  EXPECT_EQ(listener_.last(image.layers[0].descriptor.digest).first, Step::kWasThere);
}

TEST_F(PushTest, TakesLayersFromAnotherRepository) {
  const auto image = in_store();
  ASSERT_OK(push(image.manifest, "base:1"));
  const auto pushed = push(image.manifest, "derived:1", {.mount_from = {"base"}});
  ASSERT_OK(pushed);
  EXPECT_EQ(pushed->sent, 0U);
  EXPECT_EQ(listener_.last(image.layers[0].descriptor.digest).first, Step::kMounted);
}

TEST_F(PushTest, AnIndexGoesInnermostFirstAndTagLast) {
  const std::string here = oci::host_platform().architecture;
  const auto image = publish("source", "", {images::test::sample_layer("a")}, here);
  const auto index = publish_index("source", "1", {{image, here}});
  ASSERT_OK(pull("source:1"));
  registry_.manifests.clear();
  registry_.blobs.clear();
  registry_.log.clear();
  const auto pushed = push(index, "target:1");
  ASSERT_OK(pushed);
  EXPECT_EQ(pushed->target.digest, index.digest);
  std::vector<std::string> manifests;
  for (const std::string& line : registry_.log)
    if (line.starts_with("PUT manifest")) manifests.push_back(line);
  EXPECT_THAT(manifests, testing::ElementsAre("PUT manifest target:" + image.manifest.digest.text(),
                                              "PUT manifest target:1"));
}

TEST_F(PushTest, AnIncompleteIndexIsNotPushedInSilence) {
  const std::string here = oci::host_platform().architecture;
  const auto mine = publish("source", "", {images::test::sample_layer("a")}, here);
  const auto other = publish("source", "", {images::test::sample_layer("b")}, "s390x");
  const auto index = publish_index("source", "1", {{mine, here}, {other, "s390x"}});
  ASSERT_OK(pull("source:1"));
  registry_.blobs.clear();
  registry_.log.clear();
  const auto pushed = push(index, "target:1");
  EXPECT_EQ(code_of(pushed), ErrorCode::kNotFound);
  EXPECT_THAT(error_of(pushed), HasSubstr("s390x"));
  EXPECT_TRUE(registry_.log.empty());
  const auto one = push(index, "target:1", {.platform = oci::host_platform()});
  ASSERT_OK(one);
  EXPECT_EQ(one->target.digest, mine.manifest.digest);
}

TEST_F(PushTest, ANameWithADigestPromisesIt) {
  const auto image = in_store();
  EXPECT_EQ(code_of(push(image.manifest, "target@" + test::digest_of("x").text())),
            ErrorCode::kInvalidArgument);
  ASSERT_OK(push(image.manifest, "target@" + image.manifest.digest.text()));
}

TEST_F(PushTest, NoTagWhenABlobFails) {
  const auto image = in_store();
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (request.method != "PUT" || request.path.find("/blobs/") == std::string::npos)
      return std::nullopt;
    return Reply{.status = 507};
  };
  EXPECT_FALSE(push(image.manifest, "target:1"));
  EXPECT_TRUE(registry_.manifests.empty());
}

TEST_F(PushTest, ChunksOverBreakingConnections) {
  const auto image = in_store();
  int count = 0;
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (request.method != "PATCH" || ++count % 3 != 0) return std::nullopt;
    return Reply{.raw = "HTTP/1.1 "};
  };
  ASSERT_OK(push(image.manifest, "target:1", {.chunk_bytes = 1'000, .parallel = 1}));
  for (const auto& layer : image.layers)
    EXPECT_EQ(registry_.blobs.at("target@" + layer.descriptor.digest.text()), layer.blob);
}

TEST_F(PushTest, ASubjectIsEnteredWhereTheRegistryDoesNot) {
  const auto image = in_store();
  ASSERT_OK(push(image.manifest, "target:1"));
  const std::string artifact =
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/x.sbom","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":")" +
      test::digest_of("{}").text() +
      R"(","size":2},"layers":[],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" +
      image.manifest.digest.text() + R"(","size":)" + std::to_string(image.manifest.size) +
      R"(},"annotations":{"k":"v"}})";
  const auto lease = store().lease();
  ASSERT_OK(store().put_document(*lease, "application/vnd.oci.empty.v1+json", "{}"));
  const auto descriptor =
      store().put_document(*lease, "application/vnd.oci.image.manifest.v1+json", artifact);
  ASSERT_OK(descriptor);
  ASSERT_OK(push(*descriptor, "target:sbom"));
  const std::string tag = "target:sha256-" + std::string(image.manifest.digest.hex());
  ASSERT_TRUE(registry_.manifests.contains(tag));
  EXPECT_THAT(registry_.manifests.at(tag).bytes, HasSubstr("application/x.sbom"));
  EXPECT_THAT(registry_.manifests.at(tag).bytes, HasSubstr("\"k\":\"v\""));
}

TEST_F(PushTest, WhatIsNotHereIsNamed) {
  EXPECT_EQ(
      code_of(push(test::descriptor_of("nothing", "application/vnd.oci.image.manifest.v1+json"),
                   "target:1")),
      ErrorCode::kNotFound);
  EXPECT_TRUE(server_.seen().empty());
}

}  // namespace
}  // namespace nacre::images::registry
