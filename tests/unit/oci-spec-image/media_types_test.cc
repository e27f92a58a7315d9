#include "oci-spec/image/media_types.h"

#include <gtest/gtest.h>

namespace nacre::oci {
namespace {

TEST(MediaTypesTest, Documents) {
  EXPECT_EQ(document_kind(media::kManifest), DocumentKind::kManifest);
  EXPECT_EQ(document_kind(media::kDockerManifest), DocumentKind::kManifest);
  EXPECT_EQ(document_kind(media::kIndex), DocumentKind::kIndex);
  EXPECT_EQ(document_kind(media::kDockerManifestList), DocumentKind::kIndex);
  for (const std::string_view other :
       {std::string_view(), media::kConfig, media::kLayer,
        std::string_view("application/vnd.oci.image.manifest.v1"),
        std::string_view("application/vnd.oci.image.manifest.v1+json "),
        std::string_view("APPLICATION/vnd.oci.image.manifest.v1+json"),
        std::string_view("application/vnd.oci.artifact.manifest.v1+json")})
    EXPECT_EQ(document_kind(other), std::nullopt) << other;
}

TEST(MediaTypesTest, Schema1AndConfigurations) {
  EXPECT_TRUE(is_schema1("application/vnd.docker.distribution.manifest.v1+json"));
  EXPECT_TRUE(is_schema1("application/vnd.docker.distribution.manifest.v1+prettyjws"));
  EXPECT_FALSE(is_schema1(media::kDockerManifest));
  EXPECT_TRUE(is_image_config(media::kConfig));
  EXPECT_TRUE(is_image_config(media::kDockerConfig));
  EXPECT_FALSE(is_image_config(media::kEmpty));
  EXPECT_FALSE(is_image_config("application/vnd.docker.plugin.v1+json"));
}

TEST(MediaTypesTest, Layers) {
  EXPECT_EQ(layer_kind(media::kLayer), (LayerKind{Compression::kNone, false}));
  EXPECT_EQ(layer_kind(media::kLayerGzip), (LayerKind{Compression::kGzip, false}));
  EXPECT_EQ(layer_kind(media::kLayerZstd), (LayerKind{Compression::kZstd, false}));
  EXPECT_EQ(layer_kind(media::kDockerLayer), (LayerKind{Compression::kNone, false}));
  EXPECT_EQ(layer_kind(media::kDockerLayerGzip), (LayerKind{Compression::kGzip, false}));
  EXPECT_EQ(layer_kind("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
            (LayerKind{Compression::kGzip, true}));
  EXPECT_EQ(layer_kind("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"),
            (LayerKind{Compression::kZstd, true}));
  EXPECT_EQ(layer_kind("application/vnd.oci.image.layer.v1.tar+gzip+encrypted"), std::nullopt);
  EXPECT_EQ(layer_kind("application/vnd.oci.image.layer.v1.tar+xz"), std::nullopt);
  EXPECT_EQ(layer_kind(""), std::nullopt);
}

TEST(MediaTypesTest, Grammar) {
  for (const std::string_view good :
       {"a/b", "text/plain", "application/vnd.oci.image.layer.v1.tar+gzip", "x-y/z.1_2$&^!#"})
    EXPECT_TRUE(is_media_type(good)) << good;
  EXPECT_TRUE(is_media_type(std::string(127, 'a') + '/' + std::string(127, 'b')));
  EXPECT_FALSE(is_media_type(std::string(128, 'a') + "/b"));
  EXPECT_FALSE(is_media_type("a/" + std::string(128, 'b')));
  for (const std::string_view bad :
       {"", "/", "a", "a/", "/b", "a/b/c", "a b/c", " a/b", "a/b ", "a/b;c=d", "a/b,c/d", "*/*",
        "a/*", "+a/b", "a/+b", "a/b\r\nX: y", "a/b\"", "\xC3\xA9/b"})
    EXPECT_FALSE(is_media_type(bad)) << bad;
  EXPECT_FALSE(is_media_type(std::string_view("a/b\0", 4)));
}

TEST(MediaTypesTest, DeclaredByAHeader) {
  EXPECT_EQ(declared_type(media::kManifest), media::kManifest);
  EXPECT_EQ(declared_type(" Application/vnd.OCI.image.index.v1+JSON ; charset=utf-8"),
            media::kIndex);
  for (const std::string_view silent :
       {"", " ", ";", "application/json", "text/plain; charset=utf-8", "application/octet-stream",
        "APPLICATION/JSON"})
    EXPECT_EQ(declared_type(silent), "") << silent;
  EXPECT_EQ(declared_type("text/html"), "text/html");
}

}  // namespace
}  // namespace nacre::oci
