// A docker-archive, planned. Its layers are archives, mostly uncompressed, and the only digests it
// knows are the diffIDs in the configurations; the manifest of the OCI is made here.
#include <array>
#include <set>

#include "base/text.h"
#include "images/formats/load_plan.h"
#include "images/formats/names.h"
#include "images/stream/decompress.h"
#include "images/stream/hasher.h"
#include "images/stream/memory.h"
#include "oci-spec/image/docker_archive.h"

namespace nacre::images {
namespace {

constexpr std::size_t kHexDigits = 64;

// The digest that the name of a configuration promises: "<hex>.json", "blobs/sha256/<hex>",
// "sha256:<hex>". Nothing for other names.
std::optional<oci::Digest> promised_digest(std::string_view member) {
  std::string_view name = member.substr(member.rfind('/') + 1);
  if (name.ends_with(".json")) name.remove_suffix(5);
  if (name.starts_with("sha256:")) name.remove_prefix(7);
  if (name.size() != kHexDigits) return std::nullopt;
  auto digest = oci::Digest::parse(text::join("sha256:", name));
  if (!digest) return std::nullopt;
  return *std::move(digest);
}

std::string_view layer_type(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return oci::media::kLayerGzip;
    case Compression::kZstd:
      return oci::media::kLayerZstd;
    case Compression::kNone:
      break;
  }
  return oci::media::kLayer;
}

class DockerPlanner {
 public:
  explicit DockerPlanner(const PlanContext& context) : context_(context) {}

  Result<LoadPlan> run(const std::string& manifest_json) {
    const auto images = NACRE_TRY(oci::parse_docker_archive(manifest_json));
    if (images.empty()) return fail(invalid_argument("manifest.json: there is no image in it"));
    for (const oci::DockerArchiveImage& image : images) NACRE_TRY(add(image));
    return std::move(plan_);
  }

 private:
  Result<void> add(const oci::DockerArchiveImage& image) {
    NACRE_TRY(context_.check_stop());
    const std::string context = text::join("configuration ", text::quote(image.config));
    std::string bytes = NACRE_TRY_CTX(config_bytes(image.config), context);
    PlannedImage out{.make_manifest = true};
    out.config_blob = {.media_type = std::string(oci::media::kConfig), .size = bytes.size()};
    Hasher hasher;
    hasher.update(as_bytes(bytes));
    out.config_blob.digest = NACRE_TRY(hasher.finish());
    if (const auto promised = promised_digest(image.config);
        promised && *promised != out.config_blob.digest) {
      return fail(invalid_argument(
          text::join(context, ": its content is ", out.config_blob.digest.text())));
    }
    out.config = out.config_blob.digest;
    oci::ImageConfig config = NACRE_TRY_CTX(oci::parse_image_config(bytes), context);
    NACRE_TRY_CTX(check(image, config), context);
    for (const std::string& tag : image.repo_tags)
      out.names.push_back(NACRE_TRY_CTX(name_of_repo_tag(tag), "manifest.json"));
    for (std::size_t i = 0; i < image.layers.size(); ++i) {
      const std::size_t layer =
          NACRE_TRY_CTX(add_layer(image.layers[i], config.rootfs.diff_ids[i]), context);
      out.layers.push_back(layer);
    }
    if (configs_.insert(out.config).second) {
      plan_.documents.push_back({.descriptor = out.config_blob,
                                 .bytes = std::move(bytes),
                                 .layers = config.rootfs.diff_ids});
    }
    plan_.images.push_back(std::move(out));
    return {};
  }

  Result<std::string> config_bytes(const std::string& member) {
    auto bytes = NACRE_TRY(read_member(context_.members, member, oci::kMostConfigBytes));
    if (bytes) return *std::move(bytes);
    return fail(invalid_argument("it is missing"));
  }

  [[nodiscard]] Result<void> check(const oci::DockerArchiveImage& image,
                                   const oci::ImageConfig& config) const {
    if (image.layers.size() != config.rootfs.diff_ids.size()) {
      return fail(invalid_argument(text::join("manifest.json names ", image.layers.size(),
                                              " layers, it has ", config.rootfs.diff_ids.size(),
                                              " diff_ids")));
    }
    const oci::Platform& offered = config.platform;
    if (offered.architecture.empty() || oci::rank(offered, context_.wanted(), context_.ancestors()))
      return {};
    const std::string sentence =
        text::join("the image is for ", oci::to_text(oci::normalized(offered)), ", not for ",
                   oci::to_text(context_.wanted()));
    if (context_.options.platform) return fail(not_found(sentence));
    context_.warn(sentence);
    return {};
  }

  // The position of the layer's blob in the plan.
  Result<std::size_t> add_layer(const std::string& member, const oci::Digest& diff_id) {
    const auto size = NACRE_TRY(context_.members.size_of(member));
    if (!size)
      return fail(invalid_argument(text::join("layer ", text::quote(member), " is missing")));
    const auto [place, fresh] = layers_.try_emplace({member, diff_id}, plan_.blobs.size());
    if (!fresh) return place->second;
    const Compression compression =
        NACRE_TRY_CTX(compression_of(member), text::join("layer ", text::quote(member)));
    PlannedBlob layer{.blob = {.media_type = std::string(layer_type(compression)), .size = *size},
                      .member = member,
                      .diff_id = diff_id};
    if (compression == Compression::kNone) layer.blob.digest = diff_id;
    plan_.blobs.push_back(std::move(layer));
    return place->second;
  }

  Result<Compression> compression_of(const std::string& member) {
    const auto source = NACRE_TRY(context_.members.open(member));
    std::array<std::byte, kMagicBytes> start{};
    const std::size_t got = NACRE_TRY(read_full(*source, start));
    return detect_compression(Bytes(start).first(got));
  }

  const PlanContext& context_;
  LoadPlan plan_;
  std::set<oci::Digest> configs_;
  std::map<std::pair<std::string, oci::Digest>, std::size_t> layers_;
};

}  // namespace

Result<LoadPlan> plan_docker_archive(const PlanContext& context) {
  const auto manifest =
      NACRE_TRY(read_member(context.members, oci::kDockerArchiveFile, oci::kMostDocumentBytes));
  if (!manifest) return fail(invalid_argument("manifest.json is missing"));
  return DockerPlanner(context).run(*manifest);
}

}  // namespace nacre::images
