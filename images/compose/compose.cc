#include "images/compose/compose.h"

#include "base/text.h"

namespace nacre::images {
namespace {

// What an image consists of has to be here, or its layers at least unpacked: a layer that survives
// by itself may have lost its blob. The lease keeps what is found.
Result<void> keep_layer(Store& store, const Lease& lease, const oci::Descriptor& blob,
                        const oci::Digest& diff_id) {
  if (const auto there = NACRE_TRY(store.find_blob(blob.digest))) {
    if (there->size != blob.size) {
      return fail(invalid_argument(text::join("layer ", blob.digest.text(), " has ", there->size,
                                              " bytes, not ", blob.size)));
    }
    if (NACRE_TRY(store.ingest(lease, blob)) == nullptr) return {};
  }
  if (NACRE_TRY(store.find_layer(diff_id))) return {};
  return fail(not_found(text::join("layer ", blob.digest.text(), " is not in the store")));
}

}  // namespace

Result<NewImage> compose_image(Store& store, const Lease& lease, const oci::ImageConfig& config,
                               const std::vector<oci::Descriptor>& layers) {
  const std::vector<oci::Digest>& diff_ids = config.rootfs.diff_ids;
  const std::string config_json = oci::to_json(config);
  oci::Manifest manifest{.media_type = std::string(oci::media::kManifest), .layers = layers};
  manifest.config.media_type = oci::media::kConfig;
  NACRE_TRY(oci::check_layers(manifest, config));
  std::vector<oci::Digest> blobs;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    NACRE_TRY(keep_layer(store, lease, layers[i], diff_ids[i]));
    blobs.push_back(layers[i].digest);
  }

  manifest.config =
      NACRE_TRY(store.put_document(lease, std::string(oci::media::kConfig), config_json));
  NACRE_TRY(store.set_references(manifest.config.digest, {}, diff_ids));
  blobs.push_back(manifest.config.digest);
  oci::Descriptor target = NACRE_TRY(
      store.put_document(lease, std::string(oci::media::kManifest), oci::to_json(manifest)));
  NACRE_TRY(store.set_references(target.digest, blobs, {}));
  return NewImage{.manifest = std::move(target), .config = manifest.config.digest};
}

}  // namespace nacre::images
