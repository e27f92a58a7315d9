// The records as values: one function, one statement or two. No file is touched here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "images/store/blob.h"
#include "images/store/database.h"
#include "images/store/image_record.h"
#include "images/store/layer_info.h"

namespace nacre::images::records {

[[nodiscard]] Result<std::optional<BlobInfo>> find_blob(Transaction& records,
                                                        const oci::Digest& digest);
[[nodiscard]] Result<std::vector<BlobInfo>> all_blobs(Transaction& records);
[[nodiscard]] Result<void> put_blob(Transaction& records, const BlobInfo& blob);
[[nodiscard]] Result<void> remove_blob(Transaction& records, const oci::Digest& digest);

// What a document points at. Nothing: it has never been told.
struct References {
  std::vector<oci::Digest> blobs, layers;  // sorted
  friend bool operator==(const References&, const References&) = default;
};
[[nodiscard]] Result<std::optional<References>> find_references(Transaction& records,
                                                                const oci::Digest& from);
[[nodiscard]] Result<void> put_references(Transaction& records, const oci::Digest& from,
                                          const References& references);

[[nodiscard]] Result<std::optional<ImageRecord>> find_image(Transaction& records,
                                                            const std::string& name);
[[nodiscard]] Result<std::vector<ImageRecord>> all_images(Transaction& records);
// Keeps `created` of a record that is there.
[[nodiscard]] Result<void> put_image(Transaction& records, const ImageRecord& image);
[[nodiscard]] Result<bool> remove_image(Transaction& records, const std::string& name);

// A layer with what only the store needs of it.
struct LayerRecord {
  LayerInfo info;
  std::string boot_id;  // of a layer that is extracted: in which run of the machine
  std::string stamp;    // another one for each unpacking
  // Whether its files can be relied on in this run of the machine.
  [[nodiscard]] bool usable(const std::string& boot) const {
    return info.state == LayerState::kDurable ||
           (info.state == LayerState::kExtracted && boot_id == boot);
  }
};
[[nodiscard]] Result<std::optional<LayerRecord>> find_layer(Transaction& records,
                                                            const oci::Digest& diff_id);
[[nodiscard]] Result<std::vector<LayerRecord>> all_layers(Transaction& records);
[[nodiscard]] Result<void> put_layer(Transaction& records, const LayerRecord& layer);
// Only if it is still the unpacking that `stamp` names; whether it was.
[[nodiscard]] Result<bool> set_layer_state(Transaction& records, const oci::Digest& diff_id,
                                           const std::string& stamp, LayerState state);

[[nodiscard]] Result<std::optional<std::string>> find_setting(Transaction& records,
                                                              const std::string& name);
[[nodiscard]] Result<void> put_setting(Transaction& records, const std::string& name,
                                       const std::string& value);

// A digest that stands in the database; anything else there is damage.
[[nodiscard]] Result<oci::Digest> digest_in(const Statement& row, int column);

}  // namespace nacre::images::records
