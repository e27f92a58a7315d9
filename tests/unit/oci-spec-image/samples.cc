#include "tests/unit/oci-spec-image/samples.h"

#include "base/text.h"
#include "oci-spec/image/media_types.h"

namespace nacre::test {
namespace {

std::string further(std::string_view members) {
  return members.empty() ? std::string() : text::join(',', members);
}

}  // namespace

std::string digest_text(char digit) { return "sha256:" + std::string(64, digit); }

oci::Digest digest(char digit) { return *oci::Digest::parse(digest_text(digit)); }

std::string descriptor(std::string_view media_type, char digit, std::string_view more) {
  return text::join("{\"mediaType\":\"", media_type, "\",\"digest\":\"", digest_text(digit),
                    "\",\"size\":7", further(more), "}");
}

std::string manifest(std::string_view more) {
  return text::join("{\"schemaVersion\":2,\"config\":", descriptor(oci::media::kConfig, 'c'),
                    ",\"layers\":[", descriptor(oci::media::kLayerGzip, '1'), ',',
                    descriptor(oci::media::kLayer, '2'), ']', further(more), '}');
}

std::string index(std::string_view more) {
  const std::string entry =
      descriptor(oci::media::kManifest, 'a', R"("platform":{"architecture":"amd64","os":"linux"})");
  return text::join("{\"schemaVersion\":2,\"manifests\":[", entry, ']', further(more), '}');
}

}  // namespace nacre::test
