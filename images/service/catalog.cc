#include "images/service/catalog.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "images/service/names.h"
#include "oci-spec/image/annotations.h"
#include "oci-spec/image/media_types.h"
#include "oci-spec/image/timestamp.h"

namespace nacre::images {
namespace {

// One manifest of an index, or the document itself.
class Finder {
 public:
  // `any`: where nothing fits, whichever is here.
  Finder(Store& store, const oci::Platform& wanted, bool any)
      : store_(store), wanted_(wanted), any_(any) {}

  Result<std::optional<oci::Descriptor>> find(const oci::Descriptor& target, std::size_t depth) {
    if (depth > oci::kMostIndexDepth)
      return fail(invalid_argument("indexes stand in each other too deeply"));
    const std::string bytes =
        NACRE_TRY(store_.read_document(target.digest, oci::kMostDocumentBytes));
    const auto document = NACRE_TRY(oci::parse_image_document(bytes, target.media_type));
    const auto* index = std::get_if<oci::Index>(&document);
    if (index == nullptr) return target;
    // `any` goes with "what runs here"; a platform that was named is meant exactly.
    const auto fitting =
        oci::choose(*index, wanted_, any_ ? oci::Ancestors::kThirtyTwoBit : oci::Ancestors::kNone);
    if (fitting) {
      auto found = NACRE_TRY(first_here(*fitting, depth));
      if (found) return found;
    } else if (fitting.error().code() != ErrorCode::kNotFound) {
      return fail(fitting.error());
    }
    if (!any_) return std::nullopt;
    return first_here(index->manifests, depth);
  }

 private:
  Result<std::optional<oci::Descriptor>> first_here(const std::vector<oci::Descriptor>& list,
                                                    std::size_t depth) {
    for (const oci::Descriptor& one : list) {
      if (!oci::document_kind(one.media_type)) continue;
      if (one.annotations.contains(std::string(oci::annotation::kDockerReferenceType))) continue;
      if (in_vain_.contains(one.digest) || !NACRE_TRY(store_.find_blob(one.digest))) continue;
      auto found = NACRE_TRY(find(one, depth + 1));
      if (found) return found;
      in_vain_.insert(one.digest);  // an index may name another one any number of times
    }
    return std::nullopt;
  }

  Store& store_;
  const oci::Platform& wanted_;
  bool any_;
  std::set<oci::Digest> in_vain_;  // indexes without anything
};

std::int64_t seconds_of(const std::string& created) {
  const auto time = oci::parse_timestamp(created);
  return time ? time->seconds : 0;
}

Result<std::uint64_t> size_of(Store& store, const ImageParts& parts) {
  std::uint64_t size = 0;
  const auto& diff_ids = parts.config.rootfs.diff_ids;
  for (std::size_t i = 0; i < parts.manifest.layers.size(); ++i) {
    std::optional<LayerInfo> layer;
    if (i < diff_ids.size()) layer = NACRE_TRY(store.find_layer(diff_ids[i]));
    size += layer ? layer->bytes : parts.manifest.layers[i].size;
  }
  return size;
}

// What a manifest and its configuration say.
Result<void> describe(Store& store, const ImageParts& parts, ImageSummary& out) {
  out.id = parts.manifest.config.digest;
  out.manifest = parts.descriptor;
  out.created = seconds_of(parts.config.created);
  out.size = NACRE_TRY(size_of(store, parts));
  out.platform = oci::normalized(parts.config.platform);
  out.config = parts.config.config;
  out.diff_ids = parts.config.rootfs.diff_ids;
  return {};
}

Result<ImageSummary> summarize(Store& store, const ImageRecord& record) {
  ImageSummary out;
  const ImageParts parts = NACRE_TRY(read_image(store, record.target, std::nullopt));
  out.target = record.target;
  NACRE_TRY(describe(store, parts, out));
  return out;
}

ImageSummary unreadable(const ImageRecord& record, const Error& error) {
  ImageSummary out;
  out.id = record.target.digest;
  out.target = record.target;
  out.manifest = record.target;
  out.problem = error.message();
  return out;
}

// A name that was removed meanwhile takes its documents with it: no damage, just not there any
// more.
Result<bool> is_gone(Store& store, const ImageRecord& record) {
  const auto now = NACRE_TRY(store.find_image(record.name));
  return !now || now->target.digest != record.target.digest;
}

bool newer(const ImageSummary& a, const ImageSummary& b) {
  if (a.created != b.created) return a.created > b.created;
  return a.id < b.id;
}

}  // namespace

Result<ImageParts> read_image(Store& store, const oci::Descriptor& target,
                              const std::optional<oci::Platform>& platform) {
  const oci::Platform wanted = platform ? *platform : oci::host_platform();
  const auto found = NACRE_TRY(Finder(store, wanted, !platform).find(target, 0));
  if (!found)
    return fail(not_found(text::join("the store has no manifest of ", target.digest.text(), " for ",
                                     oci::to_text(wanted))));
  ImageParts out;
  out.descriptor = *found;
  const std::string bytes = NACRE_TRY(store.read_document(found->digest, oci::kMostDocumentBytes));
  out.manifest = NACRE_TRY(oci::parse_manifest(bytes, found->media_type));
  const std::string config =
      NACRE_TRY(store.read_document(out.manifest.config.digest, oci::kMostConfigBytes));
  if (!oci::is_image(out.manifest)) return out;  // an artifact: its configuration is its own matter
  out.config = NACRE_TRY(oci::parse_image_config(config));
  if (platform && !oci::rank(out.config.platform, *platform))
    return fail(not_found(text::join("the image is for ", oci::to_text(out.config.platform),
                                     ", not for ", oci::to_text(*platform))));
  return out;
}

Result<std::vector<ImageSummary>> list_images(Store& store) {
  std::map<oci::Digest, ImageSummary> by_id;
  for (const ImageRecord& record : NACRE_TRY(store.images())) {
    auto read = summarize(store, record);
    if (!read) {
      if (NACRE_TRY(is_gone(store, record))) continue;
      read = unreadable(record, read.error());
    }
    ImageSummary& entry = by_id.try_emplace(read->id, *read).first->second;
    if (is_nameless(record.name)) continue;
    if (entry.names.empty()) {
      entry.target = read->target;
      entry.manifest = read->manifest;
    }
    entry.names.push_back({record.name, record.target, record.updated});
  }
  std::vector<ImageSummary> out;
  out.reserve(by_id.size());
  for (auto& [id, image] : by_id) out.push_back(std::move(image));
  std::ranges::stable_sort(out, newer);
  return out;
}

namespace {

// What an index lists; nothing for a manifest.
Result<std::vector<PlatformDetails>> platforms_of(Store& store, const oci::Descriptor& target) {
  std::vector<PlatformDetails> out;
  if (oci::document_kind(target.media_type) != oci::DocumentKind::kIndex) return out;
  const std::string bytes = NACRE_TRY(store.read_document(target.digest, oci::kMostDocumentBytes));
  const oci::Index index = NACRE_TRY(oci::parse_index(bytes, target.media_type));
  for (const auto& one : index.manifests) {
    const auto here = NACRE_TRY(store.find_blob(one.digest));
    out.push_back({one, here.has_value()});
  }
  return out;
}

}  // namespace

Result<ImageDetails> image_details(Store& store, const ImageSummary& summary,
                                   const std::optional<oci::Platform>& platform) {
  ImageDetails out;
  out.summary = summary;
  const ImageParts parts = NACRE_TRY(read_image(store, summary.target, platform));
  NACRE_TRY(describe(store, parts, out.summary));
  out.config = parts.config;
  for (std::size_t i = 0; i < parts.manifest.layers.size(); ++i) {
    LayerDetails layer;
    layer.blob = parts.manifest.layers[i];
    layer.blob_here = NACRE_TRY(store.find_blob(layer.blob.digest)).has_value();
    if (i < parts.config.rootfs.diff_ids.size()) {
      layer.diff_id = parts.config.rootfs.diff_ids[i];
      layer.unpacked = NACRE_TRY(store.find_layer(layer.diff_id));
    }
    out.layers.push_back(std::move(layer));
  }
  out.platforms = NACRE_TRY(platforms_of(store, summary.target));
  return out;
}

std::vector<HistoryRow> history_of(const ImageDetails& image) {
  const auto& history = image.config.history;
  const auto with_layer = std::ranges::count_if(
      history, [](const oci::HistoryEntry& entry) { return !entry.empty_layer; });
  const bool sizes_known = static_cast<std::size_t>(with_layer) == image.layers.size();
  std::vector<HistoryRow> rows;
  std::size_t next_layer = 0;
  for (const oci::HistoryEntry& entry : history) {
    HistoryRow row{{}, seconds_of(entry.created), entry.created_by, entry.comment,
                   0,  entry.empty_layer};
    if (!entry.empty_layer && sizes_known) {
      const LayerDetails& layer = image.layers[next_layer++];
      row.size = layer.unpacked ? layer.unpacked->bytes : layer.blob.size;
    }
    rows.push_back(std::move(row));
  }
  std::ranges::reverse(rows);
  if (!rows.empty()) rows.front().id = image.summary.id;
  return rows;
}

}  // namespace nacre::images
