// The words for kinds of content: OCI image-spec 1.1 (media-types.md) and Docker's of image
// manifest version 2, schema 2. Two families, one meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nacre::oci {

namespace media {

inline constexpr std::string_view kManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kEmpty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kLayer = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view kLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view kLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";

inline constexpr std::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerManifestList =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view kDockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
inline constexpr std::string_view kDockerLayerGzip =
    "application/vnd.docker.image.rootfs.diff.tar.gzip";

}  // namespace media

// What can be fetched by a tag or a digest and is no blob.
enum class DocumentKind : std::uint8_t { kManifest, kIndex };

// Nothing when the type is neither of a manifest nor of an index that we read.
[[nodiscard]] std::optional<DocumentKind> document_kind(std::string_view media_type);

// Docker's schema 1, signed or not: recognised, so that it can be refused by name.
[[nodiscard]] bool is_schema1(std::string_view media_type);

// A configuration of an image, as opposed to that of an artifact.
[[nodiscard]] bool is_image_config(std::string_view media_type);

enum class Compression : std::uint8_t { kNone, kGzip, kZstd };

struct LayerKind {
  Compression compression = Compression::kNone;
  // Fetched from the descriptor's urls, without credentials, and never pushed.
  bool foreign = false;
  friend bool operator==(const LayerKind&, const LayerKind&) = default;
};

// Nothing when content of this type is not a layer that can be unpacked.
[[nodiscard]] std::optional<LayerKind> layer_kind(std::string_view media_type);

// type/subtype of RFC 6838 (4.2): what may stand in an HTTP header without a second look.
[[nodiscard]] bool is_media_type(std::string_view text);

// The type in a Content-Type header: without parameters and blanks, in lower case. Empty when there
// is none, or when it only says that something is text, JSON or bytes: then the header says nothing
// about what a document means, and the document itself has to.
[[nodiscard]] std::string declared_type(std::string_view content_type);

}  // namespace nacre::oci
