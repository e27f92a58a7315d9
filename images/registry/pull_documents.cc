#include "images/registry/pull_documents.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "images/registry/manifests.h"
#include "images/stream/memory.h"
#include "oci-spec/image/media_types.h"

namespace nacre::images::registry {
namespace {

std::vector<oci::Digest> digests(const std::vector<oci::Descriptor>& list) {
  std::vector<oci::Digest> out;
  out.reserve(list.size());
  for (const oci::Descriptor& one : list) out.push_back(one.digest);
  return out;
}

oci::Platform wanted_platform(const PullOptions& options) {
  return options.platform ? oci::normalized(*options.platform) : oci::host_platform();
}

// Under the digest it was asked for by, whatever its algorithm.
Result<void> keep(const PullContext& context, const FetchedDocument& document) {
  const auto ingest = NACRE_TRY(context.store.ingest(context.lease, document.descriptor));
  if (ingest == nullptr) return {};
  NACRE_TRY(ingest->restart());
  NACRE_TRY(ingest->write(as_bytes(document.bytes)));
  return ingest->commit(context.lease);
}

// 64-bit machines run what their ancestors ran; who has named a platform wants that one.
oci::Ancestors ancestors(const PullOptions& options) {
  return options.platform ? oci::Ancestors::kNone : oci::Ancestors::kThirtyTwoBit;
}

// An index may name thousands of further ones, and each of those too.
constexpr std::size_t kMostLookedAt = 1024;

// From the name to a manifest, through indexes.
class Finder {
 public:
  Finder(const PullContext& context, const std::stop_token& stop)
      : context_(context), stop_(stop), wanted_(wanted_platform(context.options)) {}

  Result<ImageDocuments> run(const oci::Descriptor& target) {
    ImageDocuments out;
    out.target = target;
    const bool found = NACRE_TRY(look_at(target, 0, false, out));
    if (!found) {
      return fail(not_found(text::join(context_.reference.familiar(), ": nothing for platform ",
                                       oci::to_text(wanted_))));
    }
    // The descriptor in an index may say more than we asked for; what is kept is what was found.
    out.fetched = fetched_;
    return out;
  }

 private:
  // False when it is for another platform and somebody else may be the right one. `chosen`: an
  // index has told the platform already.
  Result<bool> look_at(const oci::Descriptor& descriptor, std::size_t depth, bool chosen,
                       ImageDocuments& out) {
    if (depth > oci::kMostIndexDepth) {
      return fail(
          invalid_argument(text::join(context_.reference.familiar(), ": indexes are more than ",
                                      oci::kMostIndexDepth, " deep")));
    }
    if (in_vain_.contains(descriptor.digest)) return false;
    if (++looked_at_ > kMostLookedAt) {
      return fail(
          invalid_argument(text::join(context_.reference.familiar(), ": more than ", kMostLookedAt,
                                      " documents would have to be looked at for a platform")));
    }
    const std::string bytes = NACRE_TRY(document(descriptor));
    const auto parsed = NACRE_TRY_CTX(oci::parse_image_document(bytes, descriptor),
                                      text::join("manifest ", descriptor.digest.text()));
    if (const auto* index = std::get_if<oci::Index>(&parsed))
      return look_into(descriptor, *index, depth, out);
    return take(descriptor, std::get<oci::Manifest>(parsed), depth, chosen, out);
  }

  Result<bool> look_into(const oci::Descriptor& descriptor, const oci::Index& index,
                         std::size_t depth, ImageDocuments& out) {
    NACRE_TRY(context_.store.set_references(descriptor.digest, digests(index.manifests), {}));
    auto candidates = oci::choose(index, wanted_, ancestors(context_.options));
    if (!candidates && candidates.error().code() == ErrorCode::kNotFound && depth > 0) return false;
    if (!candidates)
      return fail(std::move(candidates).error().with_context(context_.reference.familiar()));
    for (const oci::Descriptor& one : *candidates) {
      const bool chosen = one.platform.has_value() && !one.platform->architecture.empty();
      if (NACRE_TRY(look_at(one, depth + 1, chosen, out))) return true;
    }
    in_vain_.insert(descriptor.digest);
    return false;
  }

  Result<bool> take(const oci::Descriptor& descriptor, const oci::Manifest& manifest,
                    std::size_t depth, bool chosen, ImageDocuments& out) {
    std::vector<oci::Digest> parts = digests(manifest.layers);
    parts.push_back(manifest.config.digest);
    NACRE_TRY(context_.store.set_references(descriptor.digest, parts, {}));
    if (!oci::is_image(manifest)) {
      return fail(invalid_argument(text::join(context_.reference.familiar(), ": is no image but ",
                                              manifest.config.media_type)));
    }
    const std::string bytes = NACRE_TRY(config_bytes(manifest.config));
    oci::ImageConfig config =
        NACRE_TRY_CTX(oci::parse_image_config(bytes), context_.reference.familiar());
    NACRE_TRY_CTX(oci::check_layers(manifest, config), context_.reference.familiar());
    if (!chosen && !NACRE_TRY(fits(config.platform, depth))) return false;
    NACRE_TRY(context_.store.set_references(manifest.config.digest, {}, config.rootfs.diff_ids));
    out.manifest_descriptor = descriptor;
    out.manifest = manifest;
    out.config = std::move(config);
    return true;
  }

  // A manifest by itself leaves no choice: unless a platform was asked for, it is taken.
  [[nodiscard]] Result<bool> fits(const oci::Platform& offered, std::size_t depth) const {
    if (offered.architecture.empty() || oci::rank(offered, wanted_, ancestors(context_.options)))
      return true;
    if (depth > 0) return false;
    const std::string sentence =
        text::join(context_.reference.familiar(), ": is for ",
                   oci::to_text(oci::normalized(offered)), ", not for ", oci::to_text(wanted_));
    if (context_.options.platform) return fail(not_found(sentence));
    context_.warn(sentence);
    return true;
  }

  Result<std::string> document(const oci::Descriptor& descriptor) {
    const auto there = NACRE_TRY(context_.store.find_blob(descriptor.digest));
    if (there) {
      // So that it stays: without a lease somebody could collect it in the middle of this.
      const auto ingest = NACRE_TRY(context_.store.ingest(context_.lease, descriptor));
      if (ingest == nullptr)
        return context_.store.read_document(descriptor.digest, oci::kMostDocumentBytes);
    }
    FetchedDocument got = NACRE_TRY(first_of(context_.hosts, [&](Session& host) {
      return get_manifest(host, descriptor.digest.text(), descriptor.digest, stop_);
    }));
    fetched_ = true;
    NACRE_TRY(keep(context_, got));
    return std::move(got.bytes);
  }

  Result<std::string> config_bytes(const oci::Descriptor& descriptor) {
    if (descriptor.size > oci::kMostConfigBytes) {
      return fail(
          Error(ErrorCode::kResourceExhausted,
                text::join("configuration of ", context_.reference.familiar(), ": ",
                           descriptor.size, " bytes are more than ", oci::kMostConfigBytes)));
    }
    const auto ingest = NACRE_TRY(context_.store.ingest(context_.lease, descriptor));
    if (ingest != nullptr) {
      fetched_ = true;
      Troubles troubles;
      const BlobTarget target{.ingest = *ingest,
                              .commit = [&] { return ingest->commit(context_.lease); }};
      auto done = fetch_blob(context_.hosts, descriptor, target, troubles, stop_);
      if (!done) return fail(std::move(done).error());
      for (const std::string& trouble : troubles) context_.warn(trouble);
    }
    return context_.store.read_document(descriptor.digest, oci::kMostConfigBytes);
  }

  const PullContext& context_;
  const std::stop_token& stop_;
  oci::Platform wanted_;
  bool fetched_ = false;
  std::size_t looked_at_ = 0;
  std::set<oci::Digest> in_vain_;  // indexes without anything for us
};

// The descriptor of a document in the store; nothing when it is not there, or is something else.
Result<std::optional<oci::Descriptor>> described_here(Store& store, const oci::Digest& digest) {
  if (!NACRE_TRY(store.find_blob(digest))) return std::nullopt;
  const auto bytes = store.read_document(digest, oci::kMostDocumentBytes);
  if (!bytes) return std::nullopt;
  const auto parsed = oci::parse_image_document(*bytes, "");
  if (!parsed) return std::nullopt;
  return oci::Descriptor{
      .media_type = std::visit([](const auto& one) { return one.media_type; }, *parsed),
      .digest = digest,
      .size = bytes->size()};
}

// For a digest nothing has to be asked but the document itself, which tells its type.
Result<oci::Descriptor> resolve_digest(const PullContext& context, const std::stop_token& stop) {
  const oci::Digest& digest = context.reference.digest();
  if (const auto there = NACRE_TRY(described_here(context.store, digest))) return *there;
  FetchedDocument got = NACRE_TRY(first_of(context.hosts, [&](Session& host) {
    return get_manifest(host, digest.text(), digest, stop);
  }));
  NACRE_TRY(keep(context, got));
  return got.descriptor;
}

}  // namespace

void PullContext::warn(const std::string& sentence) const {
  if (progress != nullptr) progress->warning(sentence);
}

Result<oci::Descriptor> resolve(const PullContext& context, const std::stop_token& stop) {
  if (!context.reference.digest().empty()) return resolve_digest(context, stop);
  const Hosts resolvers = NACRE_TRY(context.client.hosts(
      context.reference.host(), context.reference.path(), Need::kResolve, false));
  return first_of(resolvers, [&](Session& host) -> Result<oci::Descriptor> {
    const std::string& tag = context.reference.object();
    const auto head = NACRE_TRY(head_manifest(host, tag, stop));
    if (head) return *head;
    FetchedDocument got = NACRE_TRY(get_manifest(host, tag, {}, stop));
    NACRE_TRY(keep(context, got));
    return got.descriptor;
  });
}

Result<ImageDocuments> fetch_documents(const PullContext& context, const oci::Descriptor& target,
                                       const std::stop_token& stop) {
  return Finder(context, stop).run(target);
}

}  // namespace nacre::images::registry
