#include "images/registry/push_plan.h"

#include <set>

#include "base/text.h"
#include "oci-spec/image/media_types.h"

namespace nacre::images::registry {
namespace {

class Planner {
 public:
  explicit Planner(Store& store) : store_(store) {}

  Result<PushPlan> run(const oci::Descriptor& image) {
    NACRE_TRY(add(image, 0));
    return std::move(plan_);
  }

  Result<oci::Descriptor> choose(const oci::Descriptor& image, const oci::Platform& platform,
                                 std::size_t depth = 0) {
    if (depth > oci::kMostIndexDepth) return fail(too_deep());
    const auto document = NACRE_TRY(read(image));
    const auto* index = std::get_if<oci::Index>(&document.second);
    if (index == nullptr) return image;
    const auto fitting = NACRE_TRY(oci::choose(*index, platform));
    return choose(fitting.front(), platform, depth + 1);
  }

 private:
  using Document = std::pair<std::string, oci::ImageDocument>;

  static Error too_deep() {
    return invalid_argument(text::join("indexes are more than ", oci::kMostIndexDepth, " deep"));
  }

  Result<Document> read(const oci::Descriptor& descriptor) {
    const std::string context = text::join("manifest ", descriptor.digest.text());
    std::string bytes =
        NACRE_TRY_CTX(store_.read_document(descriptor.digest, oci::kMostDocumentBytes), context);
    auto parsed = NACRE_TRY_CTX(oci::parse_image_document(bytes, descriptor), context);
    return Document(std::move(bytes), std::move(parsed));
  }

  Result<void> add(const oci::Descriptor& descriptor, std::size_t depth) {
    if (depth > oci::kMostIndexDepth) return fail(too_deep());
    if (!seen_.insert(descriptor.digest).second) return {};
    auto [bytes, document] = NACRE_TRY(read(descriptor));
    PushDocument out{.descriptor = descriptor, .bytes = std::move(bytes)};
    out.descriptor.data.clear();
    if (const auto* index = std::get_if<oci::Index>(&document)) {
      for (const oci::Descriptor& child : index->manifests) NACRE_TRY(add_child(child, depth));
      note_subject(*index, index->artifact_type, out);
    } else {
      const auto& manifest = std::get<oci::Manifest>(document);
      for (const oci::Descriptor& layer : manifest.layers) NACRE_TRY(add_blob(layer));
      NACRE_TRY(add_blob(manifest.config));
      note_subject(
          manifest,
          manifest.artifact_type.empty() ? manifest.config.media_type : manifest.artifact_type,
          out);
    }
    plan_.documents.push_back(std::move(out));
    return {};
  }

  Result<void> add_child(const oci::Descriptor& child, std::size_t depth) {
    // An index may point at other things, which registries keep as blobs.
    if (!oci::document_kind(child.media_type)) return add_blob(child);
    if (!NACRE_TRY(store_.find_blob(child.digest))) {
      return fail(not_found(text::join(
          "the image is here without its manifest ", child.digest.text(),
          child.platform ? " for " + oci::to_text(oci::normalized(*child.platform)) : std::string(),
          ": push one platform of it, or pull the others")));
    }
    return add(child, depth + 1);
  }

  Result<void> add_blob(const oci::Descriptor& blob) {
    const auto kind = oci::layer_kind(blob.media_type);
    if (kind && kind->foreign) return {};
    if (!seen_.insert(blob.digest).second) return {};
    if (!NACRE_TRY(store_.find_blob(blob.digest)))
      return fail(not_found(text::join("blob ", blob.digest.text(), " is not in the store")));
    plan_.blobs.push_back(blob);
    return {};
  }

  template <class T>
  static void note_subject(const T& document, const std::string& artifact_type, PushDocument& out) {
    if (!document.subject) return;
    out.subject = document.subject->digest;
    out.as_referrer = {.media_type = out.descriptor.media_type,
                       .digest = out.descriptor.digest,
                       .size = out.descriptor.size,
                       .annotations = document.annotations,
                       .artifact_type = artifact_type};
  }

  Store& store_;
  PushPlan plan_;
  std::set<oci::Digest> seen_;
};

}  // namespace

Result<PushPlan> plan_push(Store& store, const oci::Descriptor& image,
                           const std::optional<oci::Platform>& platform) {
  if (!platform) return Planner(store).run(image);
  const oci::Descriptor one = NACRE_TRY(Planner(store).choose(image, *platform));
  return Planner(store).run(one);
}

}  // namespace nacre::images::registry
