// From the records and documents of a store to images. Reads only.
#pragma once

#include <optional>
#include <vector>

#include "images/service/image.h"
#include "images/store/store.h"

namespace nacre::images {

// One manifest with its configuration.
struct ImageParts {
  oci::Descriptor descriptor;
  oci::Manifest manifest;
  oci::ImageConfig config;
};

// What `target` is on `platform`; nothing given: on this machine, and if it is not for this one or
// that is not in the store, whichever manifest is. kNotFound, kInternal for a missing document.
[[nodiscard]] Result<ImageParts> read_image(Store& store, const oci::Descriptor& target,
                                            const std::optional<oci::Platform>& platform);

// One for each ID, the newest first. An image that cannot be read is listed with its problem.
[[nodiscard]] Result<std::vector<ImageSummary>> list_images(Store& store);

[[nodiscard]] Result<ImageDetails> image_details(Store& store, const ImageSummary& summary,
                                                 const std::optional<oci::Platform>& platform);

// The newest first. Where the history has not as many layers as the image, rows have no size.
[[nodiscard]] std::vector<HistoryRow> history_of(const ImageDetails& image);

}  // namespace nacre::images
