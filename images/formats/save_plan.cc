#include "images/formats/save_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "images/formats/names.h"
#include "images/stream/file.h"
#include "images/stream/hasher.h"
#include "oci-spec/image/layout.h"

namespace nacre::images {
namespace {

class SavePlanner {
 public:
  SavePlanner(Store& store, const Lease& lease, const SaveOptions& options,
              ProgressListener* progress)
      : store_(store), lease_(lease), options_(options), progress_(progress) {}

  Result<SavePlan> run(const std::vector<SaveImage>& images) {
    for (const SaveImage& image : images) {
      NACRE_TRY_CTX(add(image), image.names.empty()
                                    ? text::join("image ", image.target.digest.text())
                                    : image.names.front());
    }
    for (auto& [digest, document] : documents_) plan_.documents.push_back(std::move(document));
    for (auto& [digest, blob] : blobs_) plan_.blobs.push_back(std::move(blob));
    return std::move(plan_);
  }

 private:
  Result<void> add(const SaveImage& image) {
    oci::Descriptor target = plain_target(image.target);
    if (options_.platform) {
      auto chosen = NACRE_TRY(choose_for(target, oci::normalized(*options_.platform)));
      if (!chosen) return fail(not_for(*options_.platform));
      target = plain_target(*std::move(chosen));
    }
    if (!NACRE_TRY(collect(target, 0)))
      return fail(not_found(text::join("manifest ", target.digest.text(), " is not in the store")));
    NACRE_TRY(add_entries(image.names, target));
    return add_docker(image.names, target);
  }

  static Error not_for(const oci::Platform& platform) {
    return not_found(text::join("there is nothing for platform ", oci::to_text(platform)));
  }

  Result<void> add_entries(const std::vector<std::string>& names, const oci::Descriptor& target) {
    if (names.empty()) plan_.entries.push_back(target);
    for (const std::string& name : names)
      plan_.entries.push_back(NACRE_TRY(named_entry(target, name)));
    return {};
  }

  // What older Docker, podman and skopeo read of it: one platform's image.
  Result<void> add_docker(const std::vector<std::string>& names, const oci::Descriptor& target) {
    const oci::Platform platform =
        options_.platform ? oci::normalized(*options_.platform) : oci::host_platform();
    const auto chosen = NACRE_TRY(choose_for(target, platform));
    if (!chosen) {
      warn(text::join("image ", target.digest.text(), " has nothing for ", oci::to_text(platform),
                      ": who reads manifest.json only will not see it"));
      return {};
    }
    const auto document = NACRE_TRY(parsed(*chosen));
    const auto* manifest = std::get_if<oci::Manifest>(&document);
    if (manifest == nullptr || !oci::is_image(*manifest)) {
      warn(text::join("image ", target.digest.text(),
                      " is an artifact: who reads manifest.json only will not see it"));
      return {};
    }
    oci::DockerArchiveImage out{.config = oci::layout_path(manifest->config.digest)};
    for (const std::string& name : names) {
      std::string tag = NACRE_TRY(repo_tag(name));
      if (!tag.empty()) out.repo_tags.push_back(std::move(tag));
    }
    for (const oci::Descriptor& layer : manifest->layers)
      out.layers.push_back(oci::layout_path(layer.digest));
    plan_.docker.push_back(std::move(out));
    return {};
  }

  // The manifest for a platform, of what is here. A manifest by itself is taken as it is.
  Result<std::optional<oci::Descriptor>> choose_for(const oci::Descriptor& target,
                                                    const oci::Platform& platform) {
    in_vain_.clear();
    return choose(target, platform, 0);
  }

  Result<std::optional<oci::Descriptor>> choose(const oci::Descriptor& descriptor,
                                                const oci::Platform& platform, std::size_t depth) {
    if (depth > oci::kMostIndexDepth) return fail(too_deep());
    const auto document = NACRE_TRY(parsed(descriptor));
    const auto* index = std::get_if<oci::Index>(&document);
    if (index == nullptr) return descriptor;
    const auto ancestors =
        options_.platform ? oci::Ancestors::kNone : oci::Ancestors::kThirtyTwoBit;
    const auto candidates = oci::choose(*index, platform, ancestors);
    if (!candidates && candidates.error().code() == ErrorCode::kNotFound) return std::nullopt;
    if (!candidates) return fail(candidates.error());
    for (const oci::Descriptor& one : *candidates) {
      if (in_vain_.contains(one.digest) || !NACRE_TRY(store_.find_blob(one.digest))) continue;
      if (!NACRE_TRY(may_be_for(one, platform, ancestors))) continue;
      auto found = NACRE_TRY(choose(one, platform, depth + 1));
      if (found) return found;
      in_vain_.insert(one.digest);  // an index may name another one any number of times
    }
    return std::nullopt;
  }

  // An entry of an index that does not tell its platform: its configuration does.
  Result<bool> may_be_for(const oci::Descriptor& entry, const oci::Platform& platform,
                          oci::Ancestors ancestors) {
    if (entry.platform && !entry.platform->architecture.empty()) return true;
    const auto document = NACRE_TRY(parsed(entry));
    const auto* manifest = std::get_if<oci::Manifest>(&document);
    if (manifest == nullptr) return true;
    if (!oci::is_image(*manifest) || !NACRE_TRY(store_.find_blob(manifest->config.digest)))
      return false;
    const std::string bytes =
        NACRE_TRY(store_.read_document(manifest->config.digest, oci::kMostConfigBytes));
    const auto config = NACRE_TRY(oci::parse_image_config(bytes));
    return config.platform.architecture.empty() ||
           oci::rank(config.platform, platform, ancestors).has_value();
  }

  static Error too_deep() {
    return invalid_argument(text::join("indexes are more than ", oci::kMostIndexDepth, " deep"));
  }

  using Document = std::pair<std::string, oci::ImageDocument>;

  Result<Document> read(const oci::Descriptor& descriptor) {
    const std::string context = text::join("manifest ", descriptor.digest.text());
    std::string bytes =
        NACRE_TRY_CTX(store_.read_document(descriptor.digest, oci::kMostDocumentBytes), context);
    auto parsed = NACRE_TRY_CTX(oci::parse_image_document(bytes, descriptor), context);
    return Document(std::move(bytes), std::move(parsed));
  }
  Result<oci::ImageDocument> parsed(const oci::Descriptor& descriptor) {
    return NACRE_TRY(read(descriptor)).second;
  }

  // The document and what it consists of. False: nothing of it is here. A manifest is here as a
  // whole or not at all; of an index what is here.
  Result<bool> collect(const oci::Descriptor& descriptor, std::size_t depth) {
    if (depth > oci::kMostIndexDepth) return fail(too_deep());
    const auto known = here_.find(descriptor.digest);
    if (known != here_.end()) return known->second;
    bool here = NACRE_TRY(keep(descriptor));
    if (here) {
      auto [bytes, document] = NACRE_TRY(read(descriptor));
      if (const auto* index = std::get_if<oci::Index>(&document)) {
        here = NACRE_TRY(collect_index(*index, depth));
      } else {
        NACRE_TRY(collect_manifest(descriptor, std::get<oci::Manifest>(document)));
      }
      if (here)
        documents_[descriptor.digest] = {.descriptor = descriptor, .bytes = std::move(bytes)};
    }
    here_[descriptor.digest] = here;
    return here;
  }

  Result<bool> collect_index(const oci::Index& index, std::size_t depth) {
    bool any = index.manifests.empty();
    for (const oci::Descriptor& child : index.manifests) {
      const bool here = oci::document_kind(child.media_type)
                            ? NACRE_TRY(collect_child(child, depth))
                            : NACRE_TRY(add_blob(child));
      any = any || here;
    }
    return any;
  }

  // An image of another platform whose layers were never fetched is as good as not here.
  Result<bool> collect_child(const oci::Descriptor& child, std::size_t depth) {
    auto collected = collect(child, depth + 1);
    if (collected || collected.error().code() != ErrorCode::kNotFound) return collected;
    return false;
  }

  Result<void> collect_manifest(const oci::Descriptor& descriptor, const oci::Manifest& manifest) {
    std::vector<oci::Descriptor> parts = manifest.layers;
    parts.push_back(manifest.config);
    std::vector<oci::Descriptor> kept;
    for (const oci::Descriptor& part : parts) {
      if (NACRE_TRY(keep(part))) {
        kept.push_back(part);
        continue;
      }
      const auto kind = oci::layer_kind(part.media_type);
      if (kind && kind->foreign) continue;
      return fail(not_found(text::join("manifest ", descriptor.digest.text(), ": blob ",
                                       part.digest.text(), " is not in the store")));
    }
    for (const oci::Descriptor& part : kept) blobs_.try_emplace(part.digest, part);
    return {};
  }

  Result<bool> add_blob(const oci::Descriptor& blob) {
    if (!NACRE_TRY(keep(blob))) return false;
    blobs_.try_emplace(blob.digest, blob);
    return true;
  }

  // Nobody may collect what is being written. False: it is not here.
  Result<bool> keep(const oci::Descriptor& blob) {
    const auto there = NACRE_TRY(store_.find_blob(blob.digest));
    if (!there) return false;
    if (there->size != blob.size) {
      return fail(invalid_argument(text::join("blob ", blob.digest.text(), " has ", there->size,
                                              " bytes, and should have ", blob.size)));
    }
    return NACRE_TRY(store_.ingest(lease_, blob)) == nullptr;
  }

  void warn(const std::string& sentence) const {
    if (progress_ != nullptr) progress_->warning(sentence);
  }

  Store& store_;
  const Lease& lease_;
  const SaveOptions& options_;
  ProgressListener* progress_;
  SavePlan plan_;
  std::map<oci::Digest, bool> here_;
  std::set<oci::Digest> in_vain_;  // indexes without anything for the platform
  std::map<oci::Digest, SavedDocument> documents_;
  std::map<oci::Digest, oci::Descriptor> blobs_;
};

}  // namespace

Result<SavePlan> plan_save(Store& store, const Lease& lease, const std::vector<SaveImage>& images,
                           const SaveOptions& options, ProgressListener* progress) {
  if (images.empty()) return fail(invalid_argument("there is no image to be saved"));
  return SavePlanner(store, lease, options, progress).run(images);
}

std::string index_json(std::vector<oci::Descriptor> entries) {
  return oci::to_json(
      oci::Index{.media_type = std::string(oci::media::kIndex), .manifests = std::move(entries)});
}

Result<void> copy_blob(Store& store, const oci::Descriptor& blob, Sink& to,
                       ProgressListener* progress, const std::stop_token& stop) {
  const std::string name = text::join("blob ", blob.digest.text());
  const UniqueFd file = NACRE_TRY(store.open_blob(blob.digest));
  FileSource source(file, name);
  Hasher hasher(blob.digest);
  std::vector<std::byte> buffer(kChunk);
  std::uint64_t done = 0;
  for (;;) {
    if (stop.stop_requested()) return fail(Error(ErrorCode::kCancelled, "cancelled"));
    const std::size_t got = NACRE_TRY(source.read(buffer));
    if (got == 0) break;
    const Bytes bytes = Bytes(buffer).first(got);
    hasher.update(bytes);
    NACRE_TRY(to.write(bytes));
    done += got;
    if (progress != nullptr) progress->blob({blob.digest, Step::kTransfer, done, blob.size});
  }
  const oci::Digest actual = NACRE_TRY(hasher.finish());
  if (actual != blob.digest) {
    return fail(internal_error(text::join(name, " is damaged: it hashes to ", actual.text(),
                                          " (a check with repair mends it)")));
  }
  if (progress != nullptr) progress->blob({blob.digest, Step::kDone, done, blob.size});
  return {};
}

}  // namespace nacre::images
