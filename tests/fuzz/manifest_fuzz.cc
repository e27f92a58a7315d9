// What registries and archives send: manifests, indexes, configurations, layouts, platforms.
//
// Whatever the bytes and whatever they are announced as: no crash, one line of error text, a
// document is never both a manifest and an index, and what was read comes back as it was.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "oci-spec/image/document.h"
#include "oci-spec/image/layout.h"
#include "oci-spec/image/media_types.h"

namespace {

using namespace nacre;

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_message(const Error& error) {
  constexpr std::size_t kLongest = 2048;
  demand(error.code() == ErrorCode::kInvalidArgument || error.code() == ErrorCode::kUnsupported ||
         error.code() == ErrorCode::kNotFound);
  demand(!error.message().empty() && error.message().size() < kLongest);
  for (const char c : error.message()) demand(static_cast<unsigned char>(c) >= 0x20);
}

template <class T>
void check_result(const Result<T>& result) {
  if (!result) check_message(result.error());
}

void check(const oci::Manifest& manifest) {
  demand(oci::total_size(manifest) >= manifest.config.size);
  const auto again = oci::parse_manifest(oci::to_json(manifest), manifest.media_type);
  demand(again && *again == manifest);
  check_result(oci::check_layers(manifest, {}));
}

void check(const oci::Index& index) {
  const auto again = oci::parse_index(oci::to_json(index), index.media_type);
  demand(again && *again == index);
  const oci::Platform wanted{.architecture = "amd64", .os = "linux", .variant = "v3"};
  const auto chosen = oci::choose(index, wanted, oci::Ancestors::kThirtyTwoBit);
  check_result(chosen);
  if (chosen) demand(!chosen->empty() && chosen->size() <= index.manifests.size());
}

void check_document(std::string_view bytes, std::string_view declared) {
  const auto document = oci::parse_image_document(bytes, declared);
  if (!document) {
    check_message(document.error());
    return;
  }
  std::visit([](const auto& value) { check(value); }, *document);
  // Nobody who was told otherwise reads it as the other one.
  const bool index = std::holds_alternative<oci::Index>(*document);
  const std::string_view other = index ? oci::media::kManifest : oci::media::kIndex;
  demand(!oci::parse_image_document(bytes, other));
}

void check_config(std::string_view bytes) {
  const auto config = oci::parse_image_config(bytes);
  if (!config) {
    check_message(config.error());
    return;
  }
  const auto again = oci::parse_image_config(oci::to_json(*config));
  demand(again && *again == *config);
}

void check_platform(std::string_view text) {
  const auto platform = oci::parse_platform(text, {.architecture = "amd64", .os = "linux"});
  if (!platform) {
    check_message(platform.error());
    return;
  }
  demand(oci::normalized(*platform) == *platform);
  const auto again = oci::parse_platform(oci::to_text(*platform), {});
  demand(again && *again == *platform);
  demand(oci::rank(*platform, *platform) == 0U);
}

void check_digest(std::string_view text) {
  const auto digest = oci::Digest::parse(text);
  if (!digest) {
    check_message(digest.error());
    return;
  }
  demand(digest->text() == text);
  demand(digest->hex().find_first_not_of("0123456789abcdef") == std::string_view::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  for (const std::string_view declared :
       {std::string_view(), oci::media::kManifest, oci::media::kIndex, oci::media::kDockerManifest,
        oci::media::kDockerManifestList})
    check_document(bytes, declared);
  check_config(bytes);
  check_result(oci::check_layout(bytes));
  check_platform(bytes);
  check_digest(bytes);
  (void)oci::declared_type(bytes);
  return 0;
}
