#include "oci-spec/image/media_types.h"

#include <algorithm>

#include "base/text.h"

namespace nacre::oci {
namespace {

struct LayerType {
  std::string_view media_type;
  LayerKind kind;
};
// The foreign ones are deprecated in the image-spec and still in images for Windows.
constexpr LayerType kLayerTypes[] = {
    {media::kLayer, {Compression::kNone, false}},
    {media::kLayerGzip, {Compression::kGzip, false}},
    {media::kLayerZstd, {Compression::kZstd, false}},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar", {Compression::kNone, true}},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", {Compression::kGzip, true}},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", {Compression::kZstd, true}},
    {media::kDockerLayer, {Compression::kNone, false}},
    {media::kDockerLayerGzip, {Compression::kGzip, false}},
    {"application/vnd.docker.image.rootfs.diff.tar.zstd", {Compression::kZstd, false}},
    {"application/vnd.docker.image.rootfs.foreign.diff.tar", {Compression::kNone, true}},
    {"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", {Compression::kGzip, true}},
};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// restricted-name of RFC 6838.
bool is_restricted_name(std::string_view name) {
  constexpr std::size_t kLongest = 127;
  const auto fits = [](char c) {
    return is_alphanumeric(c) || std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= kLongest && is_alphanumeric(name.front()) &&
         std::all_of(name.begin(), name.end(), fits);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<DocumentKind> document_kind(std::string_view media_type) {
  if (media_type == media::kManifest || media_type == media::kDockerManifest)
    return DocumentKind::kManifest;
  if (media_type == media::kIndex || media_type == media::kDockerManifestList)
    return DocumentKind::kIndex;
  return std::nullopt;
}

bool is_schema1(std::string_view media_type) {
  return media_type == "application/vnd.docker.distribution.manifest.v1+json" ||
         media_type == "application/vnd.docker.distribution.manifest.v1+prettyjws";
}

bool is_image_config(std::string_view media_type) {
  return media_type == media::kConfig || media_type == media::kDockerConfig;
}

std::optional<LayerKind> layer_kind(std::string_view media_type) {
  for (const LayerType& row : kLayerTypes) {
    if (row.media_type == media_type) return row.kind;
  }
  return std::nullopt;
}

bool is_media_type(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && is_restricted_name(text.substr(0, slash)) &&
         is_restricted_name(text.substr(slash + 1));
}

std::string declared_type(std::string_view content_type) {
  std::string type(text::trim(content_type.substr(0, content_type.find(';'))));
  std::transform(type.begin(), type.end(), type.begin(), lower);
  const bool says_nothing =
      type == "application/json" || type == "application/octet-stream" || type == "text/plain";
  return says_nothing ? std::string() : type;
}

}  // namespace nacre::oci
