#include "oci-spec/image/document.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "oci-spec/image/media_types.h"
#include "tests/unit/oci-spec-image/samples.h"

namespace nacre::oci {
namespace {

using test::Fails;
using test::IsInvalid;
using testing::ElementsAre;
using testing::HasSubstr;

std::string type_member(std::string_view type) { return text::join("\"mediaType\":\"", type, '"'); }

Descriptor descriptor(std::string_view type, char digit) {
  return {.media_type = std::string(type), .digest = test::digest(digit), .size = 7};
}

Manifest small_manifest() {
  return {.media_type = std::string(media::kManifest),
          .config = descriptor(media::kConfig, 'c'),
          .layers = {descriptor(media::kLayerGzip, '1'), descriptor(media::kLayer, '2')}};
}

TEST(DocumentTest, Manifest) {
  const auto document = parse_image_document(test::manifest(), "");
  ASSERT_THAT(document, test::Succeeds());
  EXPECT_EQ(*document, ImageDocument(small_manifest()));
  EXPECT_TRUE(is_image(small_manifest()));
  EXPECT_EQ(total_size(small_manifest()), 21U);
}

TEST(DocumentTest, Index) {
  const auto document = parse_image_document(test::index(), "");
  ASSERT_THAT(document, test::Succeeds());
  Descriptor entry = descriptor(media::kManifest, 'a');
  entry.platform = Platform{.architecture = "amd64", .os = "linux"};
  const Index expected{.media_type = std::string(media::kIndex), .manifests = {entry}};
  EXPECT_EQ(*document, ImageDocument(expected));
}

TEST(DocumentTest, EveryMemberComesBack) {
  Manifest manifest = small_manifest();
  manifest.artifact_type = "application/vnd.example+json";
  manifest.subject = descriptor(media::kManifest, '5');
  manifest.subject->artifact_type = "a/b";
  manifest.annotations = {{"b", "2"}, {"a", "\"\n\x7F\xC3\xA9"}};
  manifest.config.data = std::string(
      "\0\xFF"
      "12345",
      7);
  manifest.layers[0].urls = {"https://example.com/"};
  EXPECT_EQ(parse_manifest(to_json(manifest), manifest.media_type), manifest);

  Index index{.media_type = std::string(media::kIndex),
              .artifact_type = "a/b",
              .manifests = {descriptor(media::kManifest, '1')},
              .subject = descriptor(media::kIndex, '2'),
              .annotations = {{"k", "v"}}};
  index.manifests[0].platform = Platform{"arm", "linux", "v", {"f"}, "v7"};
  EXPECT_EQ(parse_index(to_json(index), index.media_type), index);
}

TEST(DocumentTest, WritesTheSameBytesEveryTime) {
  Manifest manifest = small_manifest();
  manifest.layers.clear();
  manifest.annotations = {{"b", "2"}, {"a", "1"}};
  EXPECT_EQ(to_json(manifest), text::join(R"({"schemaVersion":2,"mediaType":")", media::kManifest,
                                          R"(","config":)", test::descriptor(media::kConfig, 'c'),
                                          R"(,"layers":[],"annotations":{"a":"1","b":"2"}})"));
  EXPECT_EQ(
      to_json(Index{.media_type = std::string(media::kIndex)}),
      text::join(R"({"schemaVersion":2,"mediaType":")", media::kIndex, R"(","manifests":[]})"));
}

TEST(DocumentTest, TypesThatAgree) {
  const std::string_view manifests[] = {media::kManifest, media::kDockerManifest};
  for (const std::string_view type : manifests) {
    const std::string bytes = test::manifest(type_member(type));
    for (const std::string_view declared : {std::string_view(), type}) {
      const auto manifest = parse_manifest(bytes, declared);
      ASSERT_THAT(manifest, test::Succeeds()) << type;
      EXPECT_EQ(manifest->media_type, type);
    }
  }
  const std::string_view indexes[] = {media::kIndex, media::kDockerManifestList};
  for (const std::string_view type : indexes) {
    const std::string bytes = test::index(type_member(type));
    for (const std::string_view declared : {std::string_view(), type}) {
      const auto index = parse_index(bytes, declared);
      ASSERT_THAT(index, test::Succeeds()) << type;
      EXPECT_EQ(index->media_type, type);
    }
  }
  // The OCI's own may leave it out, or empty.
  EXPECT_THAT(parse_manifest(test::manifest(), media::kManifest), test::Succeeds());
  EXPECT_THAT(parse_manifest(test::manifest(R"("mediaType":"")"), media::kManifest),
              test::Succeeds());
  EXPECT_THAT(parse_manifest(test::manifest(R"("mediaType":null)"), ""), test::Succeeds());
}

TEST(DocumentTest, NoLayersNoManifests) {
  const std::string config = test::descriptor(media::kEmpty, 'c');
  for (const std::string_view layers : {"", ",\"layers\":[]", ",\"layers\":null"}) {
    const auto manifest =
        parse_manifest(text::join("{\"schemaVersion\":2,\"config\":", config, layers, '}'), "");
    ASSERT_THAT(manifest, test::Succeeds()) << layers;
    EXPECT_TRUE(manifest->layers.empty());
    EXPECT_FALSE(is_image(*manifest));
  }
  for (const std::string_view manifests : {"[]", "null"}) {
    const auto index =
        parse_index(text::join("{\"schemaVersion\":2,\"manifests\":", manifests, '}'), "");
    ASSERT_THAT(index, test::Succeeds()) << manifests;
    EXPECT_TRUE(index->manifests.empty());
  }
}

TEST(DocumentTest, UnknownKeysDoNotMatter) {
  const auto manifest =
      parse_manifest(test::manifest(R"("x":{"config":1,"config":2},"y":[[[]]])"), "");
  EXPECT_EQ(manifest, small_manifest());
}

TEST(DocumentTest, ContentOfADescriptor) {
  const std::string bytes = test::manifest();
  Descriptor target{.media_type = std::string(media::kManifest),
                    .digest = test::digest('a'),
                    .size = bytes.size()};
  EXPECT_THAT(parse_image_document(bytes, target), test::Succeeds());
  target.size += 1;
  EXPECT_THAT(parse_image_document(bytes, target),
              IsInvalid(text::join("image document: has ", bytes.size(),
                                   " bytes, its descriptor says ", bytes.size() + 1)));
  target.size -= 1;
  target.media_type = media::kIndex;
  EXPECT_THAT(parse_image_document(bytes, target),
              IsInvalid(HasSubstr("is not that of a manifest")));
}

TEST(DocumentTest, OnlyOneOfTheTwo) {
  EXPECT_THAT(parse_manifest(test::index(), ""),
              IsInvalid("image document: is an index where a manifest is needed"));
  EXPECT_THAT(parse_index(test::manifest(), ""),
              IsInvalid("image document: is a manifest where an index is needed"));
}

TEST(DocumentTest, Children) {
  EXPECT_THAT(children(small_manifest()),
              ElementsAre(descriptor(media::kConfig, 'c'), descriptor(media::kLayerGzip, '1'),
                          descriptor(media::kLayer, '2')));
  Index index;
  index.manifests = {descriptor(media::kManifest, '1')};
  index.subject = descriptor(media::kManifest, '2');
  EXPECT_THAT(children(index), ElementsAre(descriptor(media::kManifest, '1')));
}

TEST(CheckLayersTest, CountsAndTypes) {
  ImageConfig config;
  config.rootfs.diff_ids = {test::digest('a'), test::digest('b')};
  Manifest manifest = small_manifest();
  EXPECT_THAT(check_layers(manifest, config), test::Succeeds());
  config.rootfs.diff_ids.pop_back();
  EXPECT_THAT(check_layers(manifest, config),
              IsInvalid("the manifest has 2 layers, the configuration has 1 diff_ids"));
  config.rootfs.diff_ids.push_back(test::digest('a'));
  config.rootfs.diff_ids.push_back(test::digest('a'));
  EXPECT_THAT(check_layers(manifest, config), IsInvalid(HasSubstr("3 diff_ids")));
  config.rootfs.diff_ids.pop_back();
  // The same layer twice is an image like any other.
  EXPECT_THAT(check_layers(manifest, config), test::Succeeds());
  manifest.layers[1].media_type = "application/vnd.oci.image.layer.v1.tar+gzip+encrypted";
  EXPECT_THAT(check_layers(manifest, config),
              Fails(ErrorCode::kUnsupported,
                    "layers[1]: content of type \"application/vnd.oci.image.layer.v1.tar+gzip+"
                    "encrypted\" cannot be unpacked"));
  manifest.config.media_type = media::kEmpty;
  EXPECT_THAT(check_layers(manifest, config),
              IsInvalid(HasSubstr("an artifact and not an image: its configuration is of type ")));
}

}  // namespace
}  // namespace nacre::oci
