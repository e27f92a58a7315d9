// An OCI layout, planned: from index.json through indexes to manifests, configurations and layers.
#include "images/formats/load_plan.h"

#include <set>

#include "base/text.h"
#include "images/formats/load_documents.h"
#include "images/formats/names.h"
#include "images/reference/reference.h"
#include "oci-spec/image/layout.h"

namespace nacre::images {
namespace {

struct Chosen {
  oci::Descriptor descriptor;
  oci::Manifest manifest;
  oci::ImageConfig config;
};

// From an entry of index.json to the image for the platform that is wanted.
class Chooser {
 public:
  Chooser(const PlanContext& context, LayoutDocuments& documents)
      : context_(context), documents_(documents), wanted_(context.wanted()) {}

  Result<Chosen> run(const oci::Descriptor& target) {
    passed_over_.clear();
    auto found = NACRE_TRY(look_at(target, 0, false));
    if (found) return *std::move(found);
    return fail(not_found(text::join("image ", target.digest.text(), ": nothing for platform ",
                                     oci::to_text(wanted_))));
  }

 private:
  using Found = std::optional<Chosen>;

  // `told`: an index has said the platform already.
  Result<Found> look_at(const oci::Descriptor& descriptor, std::size_t depth, bool told) {
    if (depth > oci::kMostIndexDepth)
      return fail(
          invalid_argument(text::join("indexes are more than ", oci::kMostIndexDepth, " deep")));
    // An index may name another one any number of times.
    if (passed_over_.contains(descriptor.digest)) return Found();
    const auto document = NACRE_TRY(documents_.parsed(descriptor));
    Found found;
    if (const auto* index = std::get_if<oci::Index>(&document)) {
      found = NACRE_TRY(look_into(*index, depth));
    } else {
      found = NACRE_TRY(take(descriptor, std::get<oci::Manifest>(document), depth, told));
    }
    if (!found) passed_over_.insert(descriptor.digest);
    return found;
  }

  Result<Found> look_into(const oci::Index& index, std::size_t depth) {
    auto candidates = oci::choose(index, wanted_, context_.ancestors());
    if (!candidates && candidates.error().code() == ErrorCode::kNotFound && depth > 0)
      return Found();
    if (!candidates) return fail(std::move(candidates).error());
    for (const oci::Descriptor& one : *candidates) {
      const bool told = one.platform.has_value() && !one.platform->architecture.empty();
      // Layouts need not have what is for others, and what does not tell may be that.
      if (!told && NACRE_TRY(documents_.find(one, oci::kMostDocumentBytes)) == nullptr) continue;
      if (auto found = NACRE_TRY(look_at(one, depth + 1, told))) return found;
    }
    return Found();
  }

  Result<Found> take(const oci::Descriptor& descriptor, const oci::Manifest& manifest,
                     std::size_t depth, bool told) {
    const std::string context = text::join("image ", descriptor.digest.text());
    if (!oci::is_image(manifest)) {
      if (depth > 0 && !told) return Found();
      return fail(
          invalid_argument(text::join(context, ": is no image but ", manifest.config.media_type)));
    }
    auto config = NACRE_TRY_CTX(documents_.config(manifest.config), context);
    NACRE_TRY_CTX(oci::check_layers(manifest, config), context);
    if (!told && !NACRE_TRY(fits(context, config.platform, depth))) return Found();
    return Found(Chosen{descriptor, manifest, std::move(config)});
  }

  // An image by itself leaves no choice: unless a platform was asked for, it is taken.
  [[nodiscard]] Result<bool> fits(const std::string& context, const oci::Platform& offered,
                                  std::size_t depth) const {
    if (offered.architecture.empty() || oci::rank(offered, wanted_, context_.ancestors()))
      return true;
    if (depth > 0) return false;
    const std::string sentence =
        text::join(context, ": is for ", oci::to_text(oci::normalized(offered)), ", not for ",
                   oci::to_text(wanted_));
    if (context_.options.platform) return fail(not_found(sentence));
    context_.warn(sentence);
    return true;
  }

  const PlanContext& context_;
  LayoutDocuments& documents_;
  oci::Platform wanted_;
  std::set<oci::Digest> passed_over_;
};

class LayoutPlanner {
 public:
  explicit LayoutPlanner(const PlanContext& context)
      : context_(context), documents_(context), chooser_(context, documents_) {}

  Result<LoadPlan> run() {
    NACRE_TRY(check_is_layout());
    const oci::Index index = NACRE_TRY(read_index());
    for (const oci::Descriptor& entry : index.manifests) NACRE_TRY(add_entry(entry));
    if (plan_.images.empty()) return fail(invalid_argument("index.json: there is no image in it"));
    for (PlannedImage& image : plan_.images) NACRE_TRY(choose(image));
    for (const PlannedImage& image : plan_.images) {
      if (!NACRE_TRY(collect(image.target, 0)))
        return fail(internal_error("a document that was read is not there"));
    }
    return std::move(plan_);
  }

 private:
  Result<void> check_is_layout() {
    const auto layout =
        NACRE_TRY(read_member(context_.members, oci::kLayoutFile, oci::kMostDocumentBytes));
    if (!layout) return fail(invalid_argument("oci-layout is missing"));
    return oci::check_layout(*layout);
  }

  Result<oci::Index> read_index() {
    const auto bytes =
        NACRE_TRY(read_member(context_.members, oci::kLayoutIndexFile, oci::kMostDocumentBytes));
    if (!bytes) return fail(invalid_argument("index.json is missing"));
    return NACRE_TRY_CTX(oci::parse_index(*bytes, oci::media::kIndex), oci::kLayoutIndexFile);
  }

  Result<void> add_entry(const oci::Descriptor& entry) {
    if (!oci::document_kind(entry.media_type)) {
      context_.warn(text::join("index.json: ", entry.digest.text(),
                               " is left out: it is no image but ", entry.media_type));
      return {};
    }
    EntryName name = NACRE_TRY_CTX(name_of_entry(entry), oci::kLayoutIndexFile);
    PlannedImage& image = image_for(plain_target(entry));
    if (!name.text.empty()) image.names.push_back(std::move(name.text));
    return {};
  }

  // One image with several names has several entries.
  PlannedImage& image_for(const oci::Descriptor& target) {
    for (PlannedImage& image : plan_.images) {
      if (image.target.digest == target.digest) return image;
    }
    plan_.images.push_back({.target = target});
    return plan_.images.back();
  }

  Result<void> choose(PlannedImage& image) {
    Chosen chosen = NACRE_TRY(chooser_.run(image.target));
    image.manifest = plain_target(chosen.descriptor);
    image.config = chosen.manifest.config.digest;
    chosen_.insert(image.manifest.digest);
    return add_image(chosen);
  }

  // The configuration and the layers of what was chosen: all of them have to be here.
  Result<void> add_image(const Chosen& chosen) {
    const std::string context = text::join("image ", chosen.descriptor.digest.text());
    const std::string* config =
        NACRE_TRY(documents_.find(chosen.manifest.config, oci::kMostConfigBytes));
    add_document({.descriptor = chosen.manifest.config,
                  .bytes = *config,
                  .layers = chosen.config.rootfs.diff_ids});
    for (std::size_t i = 0; i < chosen.manifest.layers.size(); ++i) {
      const oci::Descriptor& layer = chosen.manifest.layers[i];
      if (!NACRE_TRY_CTX(add_blob(layer, chosen.config.rootfs.diff_ids[i]), context)) {
        return fail(
            invalid_argument(text::join(context, ": layer ", layer.digest.text(), " is missing")));
      }
    }
    return {};
  }

  // The document and everything of it that is here. False: it is not.
  Result<bool> collect(const oci::Descriptor& descriptor, std::size_t depth) {
    if (depth > oci::kMostIndexDepth) {
      return fail(
          invalid_argument(text::join("indexes are more than ", oci::kMostIndexDepth, " deep")));
    }
    if (document_digests_.contains(descriptor.digest)) return true;
    if (absent_.contains(descriptor.digest)) return false;
    const std::string* bytes = NACRE_TRY(documents_.find(descriptor, oci::kMostDocumentBytes));
    if (bytes == nullptr) {
      absent_.insert(descriptor.digest);
      return false;
    }
    PlannedDocument out{.descriptor = descriptor, .bytes = *bytes};
    const auto document = NACRE_TRY(documents_.parsed(descriptor));
    if (const auto* index = std::get_if<oci::Index>(&document)) {
      for (const oci::Descriptor& child : index->manifests) {
        const bool here = oci::document_kind(child.media_type)
                              ? NACRE_TRY(collect(child, depth + 1))
                              : NACRE_TRY(add_blob(child, {}));
        if (here) out.blobs.push_back(child.digest);
      }
    } else {
      for (const oci::Descriptor& part : oci::children(document)) {
        if (!chosen_.contains(descriptor.digest)) static_cast<void>(NACRE_TRY(add_blob(part, {})));
        out.blobs.push_back(part.digest);
      }
    }
    add_document(std::move(out));
    return true;
  }

  // False: it is not here.
  Result<bool> add_blob(const oci::Descriptor& blob, const oci::Digest& diff_id) {
    if (document_digests_.contains(blob.digest)) return true;
    // What is unpacked is stored along with that.
    if (diff_id.empty() && blob_digests_.contains(blob.digest)) return true;
    const auto [place, fresh] = blobs_.try_emplace({blob.digest, diff_id}, false);
    if (!fresh) return place->second;
    PlannedBlob planned{.blob = blob, .member = oci::layout_path(blob.digest), .diff_id = diff_id};
    const auto size = NACRE_TRY(context_.members.size_of(planned.member));
    if (size && *size != blob.size) {
      return fail(invalid_argument(text::join("blob ", blob.digest.text(), " has ", *size,
                                              " bytes, and should have ", blob.size)));
    }
    if (!size) {
      planned.member.clear();
      const auto there = NACRE_TRY(context_.store.find_blob(blob.digest));
      if (!there || there->size != blob.size) return false;
    }
    place->second = true;
    blob_digests_.insert(blob.digest);
    plan_.blobs.push_back(std::move(planned));
    return true;
  }

  void add_document(PlannedDocument document) {
    if (document_digests_.insert(document.descriptor.digest).second)
      plan_.documents.push_back(std::move(document));
  }

  const PlanContext& context_;
  LayoutDocuments documents_;
  Chooser chooser_;
  LoadPlan plan_;
  std::set<oci::Digest> chosen_, document_digests_, absent_, blob_digests_;
  std::map<std::pair<oci::Digest, oci::Digest>, bool> blobs_;
};

}  // namespace

void PlanContext::warn(const std::string& sentence) const {
  if (progress != nullptr) progress->warning(sentence);
}
oci::Platform PlanContext::wanted() const {
  return options.platform ? oci::normalized(*options.platform) : oci::host_platform();
}
oci::Ancestors PlanContext::ancestors() const {
  return options.platform ? oci::Ancestors::kNone : oci::Ancestors::kThirtyTwoBit;
}
Result<void> PlanContext::check_stop() const {
  if (!stop.stop_requested()) return {};
  return fail(Error(ErrorCode::kCancelled, "cancelled"));
}

Result<LoadPlan> plan_layout(const PlanContext& context) { return LayoutPlanner(context).run(); }

Result<void> settle_names(const LoadOptions& options, LoadPlan& plan) {
  if (!options.name.empty()) {
    if (plan.images.size() > 1) {
      return fail(invalid_argument(text::join("there are ", plan.images.size(),
                                              " images, which cannot all be named ",
                                              text::quote(options.name))));
    }
    plan.images.front().names = {NACRE_TRY(Reference::parse(options.name)).text()};
  }
  std::map<std::string, oci::Digest> owners;
  for (PlannedImage& image : plan.images) {
    std::set<std::string> own;
    std::erase_if(image.names, [&](const std::string& name) { return !own.insert(name).second; });
    for (const std::string& name : image.names) {
      if (!owners.try_emplace(name, image.target.digest).second) {
        return fail(invalid_argument(text::join("two images are named ", text::quote(name))));
      }
    }
  }
  return {};
}

}  // namespace nacre::images
