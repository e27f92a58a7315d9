#include "oci-spec/image/docker_archive.h"
#include "oci-spec/image/document.h"
#include "oci-spec/json/strict.h"
#include "oci-spec/json/whole.h"

namespace nacre::json {
namespace {

using Texts = AtMost<std::string, oci::kMostDescriptors>;

// Docker writes null for an image without a name.
struct NullableTexts : Texts {
  static Result<void> read(const Cursor& at, std::vector<std::string>& out) {
    if (at.is_null()) return {};
    return Texts::read(at, out);
  }
};

}  // namespace

template <>
struct Codec<oci::DockerArchiveImage> : StrictObject<oci::DockerArchiveImage> {};

template <>
std::span<const Field> StrictObject<oci::DockerArchiveImage>::fields() {
  static constexpr auto kFields = table<oci::DockerArchiveImage>({
      field<&oci::DockerArchiveImage::config>("Config", kRequired),
      field<&oci::DockerArchiveImage::repo_tags, NullableTexts>("RepoTags", kAlways),
      field<&oci::DockerArchiveImage::layers, NullableTexts>("Layers", kAlways),
  });
  return kFields;
}

}  // namespace nacre::json

namespace nacre::oci {
namespace {

constexpr std::size_t kMostImages = 1024;
using Images = json::AtMost<DockerArchiveImage, kMostImages>;

Result<std::vector<DockerArchiveImage>> parse(std::string_view bytes) {
  constexpr json::Limits kLimits{.bytes = kMostDocumentBytes};
  const json::Document document = NACRE_TRY(json::Document::parse(bytes, kLimits));
  std::vector<DockerArchiveImage> images;
  NACRE_TRY(Images::read(json::Cursor(document, ""), images));
  return images;
}

}  // namespace

Result<std::vector<DockerArchiveImage>> parse_docker_archive(std::string_view bytes) {
  return NACRE_TRY_CTX(parse(bytes), kDockerArchiveFile);
}

std::string to_json(const std::vector<DockerArchiveImage>& images) {
  json::Writer out{};
  Images::write(out, images);
  return std::move(out).take();
}

}  // namespace nacre::oci
