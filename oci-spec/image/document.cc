#include "oci-spec/image/document.h"

#include <limits>

#include "base/text.h"
#include "oci-spec/image/codecs.h"
#include "oci-spec/image/head.h"
#include "oci-spec/json/path.h"

namespace nacre::oci {
namespace {

// A document of 4 MiB has no more values than this unless it is made to waste memory.
constexpr json::Limits kLimits{.bytes = kMostDocumentBytes, .values = std::size_t{1} << 18U};

template <class T>
Result<ImageDocument> read_as(const json::Cursor& root, std::string media_type) {
  T document;
  NACRE_TRY(json::Codec<T>::read(root, document));
  document.media_type = std::move(media_type);
  return document;
}

// That total_size() cannot overflow.
Result<void> check_total(const Manifest& manifest) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::uint64_t left = kMost - manifest.config.size;
  for (const Descriptor& layer : manifest.layers) {
    if (layer.size > left)
      return fail(invalid_argument("layers: their sizes together are 2^63 bytes or more"));
    left -= layer.size;
  }
  return {};
}

Result<ImageDocument> read_document(std::string_view bytes, std::string_view declared) {
  const json::Document parsed = NACRE_TRY(json::Document::parse(bytes, kLimits));
  const json::Cursor root(parsed, "");
  const Head head = NACRE_TRY(read_head(root));
  Verdict verdict = NACRE_TRY(judge(head, declared));
  if (verdict.kind == DocumentKind::kIndex)
    return read_as<Index>(root, std::move(verdict.media_type));
  ImageDocument document = NACRE_TRY(read_as<Manifest>(root, std::move(verdict.media_type)));
  NACRE_TRY(check_total(std::get<Manifest>(document)));
  return document;
}

template <class T>
Result<T> read_only(std::string_view bytes, std::string_view declared, std::string_view other) {
  ImageDocument document = NACRE_TRY(parse_image_document(bytes, declared));
  if (T* const wanted = std::get_if<T>(&document)) return std::move(*wanted);
  return fail(invalid_argument(text::join("image document: is ", other)));
}

std::string layer_place(std::size_t position) { return text::join("layers[", position, ']'); }

}  // namespace

Result<ImageDocument> parse_image_document(std::string_view bytes, std::string_view declared) {
  return NACRE_TRY_CTX(read_document(bytes, declared), "image document");
}

Result<ImageDocument> parse_image_document(std::string_view bytes, const Descriptor& described_by) {
  if (bytes.size() != described_by.size)
    return fail(invalid_argument(text::join("image document: has ", bytes.size(),
                                            " bytes, its descriptor says ", described_by.size)));
  return parse_image_document(bytes, std::string_view(described_by.media_type));
}

Result<Manifest> parse_manifest(std::string_view bytes, std::string_view declared) {
  return read_only<Manifest>(bytes, declared, "an index where a manifest is needed");
}

Result<Index> parse_index(std::string_view bytes, std::string_view declared) {
  return read_only<Index>(bytes, declared, "a manifest where an index is needed");
}

std::vector<Descriptor> children(const ImageDocument& document) {
  if (const Index* const index = std::get_if<Index>(&document)) return index->manifests;
  const Manifest& manifest = std::get<Manifest>(document);
  std::vector<Descriptor> all{manifest.config};
  all.insert(all.end(), manifest.layers.begin(), manifest.layers.end());
  return all;
}

Result<void> check_layers(const Manifest& manifest, const ImageConfig& config) {
  if (!is_image(manifest))
    return fail(
        invalid_argument(text::join("an artifact and not an image: its configuration is of type ",
                                    json::excerpt(manifest.config.media_type))));
  const std::size_t diff_ids = config.rootfs.diff_ids.size();
  if (manifest.layers.size() != diff_ids)
    return fail(
        invalid_argument(text::join("the manifest has ", manifest.layers.size(),
                                    " layers, the configuration has ", diff_ids, " diff_ids")));
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    const std::string& type = manifest.layers[i].media_type;
    if (!layer_kind(type))
      return fail(unsupported(text::join(layer_place(i), ": content of type ", json::excerpt(type),
                                         " cannot be unpacked")));
  }
  return {};
}

bool is_image(const Manifest& manifest) { return is_image_config(manifest.config.media_type); }

std::uint64_t total_size(const Manifest& manifest) {
  std::uint64_t total = manifest.config.size;
  for (const Descriptor& layer : manifest.layers) total += layer.size;
  return total;
}

}  // namespace nacre::oci
