// One more layer on an image.
#include <time.h>

#include "base/text.h"
#include "images/compose/compose.h"
#include "images/compose/image_base.h"
#include "images/layers/layers.h"
#include "oci-spec/image/timestamp.h"

namespace nacre::images {

Result<ImageBase> read_base(Store& store, const oci::Descriptor& manifest) {
  const std::string context = text::join("image ", manifest.digest.text());
  const std::string bytes =
      NACRE_TRY_CTX(store.read_document(manifest.digest, oci::kMostDocumentBytes), context);
  auto document = NACRE_TRY_CTX(oci::parse_image_document(bytes, manifest), context);
  auto* parsed = std::get_if<oci::Manifest>(&document);
  if (parsed == nullptr) {
    return fail(invalid_argument(
        text::join(context, ": is an index of images; one of them has to be chosen")));
  }
  const std::string config =
      NACRE_TRY_CTX(store.read_document(parsed->config.digest, oci::kMostConfigBytes), context);
  ImageBase out{.manifest = std::move(*parsed),
                .config = NACRE_TRY_CTX(oci::parse_image_config(config), context)};
  NACRE_TRY_CTX(oci::check_layers(out.manifest, out.config), context);
  return out;
}

oci::Platform native_platform() {
  oci::Platform platform = oci::host_platform();
  // The level of this processor is not what the files were built for, as far as anybody knows.
  if (platform.architecture == "amd64" || platform.architecture == "arm64")
    platform.variant.clear();
  return platform;
}

std::string created_text(std::int64_t seconds) {
  return oci::to_text(oci::Timestamp{.seconds = seconds < 0 ? time(nullptr) : seconds});
}

namespace {

// What is written here is the OCI's manifest: Docker's words for the same bytes are replaced.
std::string oci_type(const std::string& media_type) {
  if (media_type == oci::media::kDockerLayer) return std::string(oci::media::kLayer);
  if (media_type == oci::media::kDockerLayerGzip) return std::string(oci::media::kLayerGzip);
  return media_type;
}

}  // namespace

Result<NewImage> commit_image(Store& store, const Lease& lease,
                              const std::optional<oci::Descriptor>& base, const sys::DirFd& upper,
                              const std::vector<sys::DirFd>& lowers,
                              const CommitImageOptions& options) {
  ImageBase image;
  image.config.platform = native_platform();
  if (base) image = NACRE_TRY(read_base(store, *base));
  for (oci::Descriptor& layer : image.manifest.layers)
    layer.media_type = oci_type(layer.media_type);

  const DiffOptions diff{.whiteouts = store.whiteouts(), .clamp_mtime = options.clamp_mtime};
  const auto write = [&](Sink& tar) -> Result<void> {
    static_cast<void>(NACRE_TRY(write_layer(upper, lowers, tar, diff)));
    return {};
  };
  const LayerBlob layer = NACRE_TRY(make_layer_blob(store, lease, write, options.compressing));

  image.manifest.layers.push_back(layer.blob);
  oci::ImageConfig& config = image.config;
  config.rootfs.diff_ids.push_back(layer.diff_id);
  config.created = created_text(options.created);
  if (!options.author.empty()) config.author = options.author;
  if (options.config) config.config = *options.config;
  config.history.push_back({.created = config.created,
                            .created_by = options.created_by,
                            .author = options.author,
                            .comment = options.comment});
  return compose_image(store, lease, config, image.manifest.layers);
}

}  // namespace nacre::images
