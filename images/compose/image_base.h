// The documents of an image in the store, and its time. For what makes images out of images.
#pragma once

#include <string>

#include "images/store/store.h"
#include "oci-spec/image/document.h"

namespace nacre::images {

struct ImageBase {
  oci::Manifest manifest;
  oci::ImageConfig config;
};

// Manifest and configuration, which tell of the same layers. invalid_argument for an index.
[[nodiscard]] Result<ImageBase> read_base(Store& store, const oci::Descriptor& manifest);

// What an image made of files of this machine is for.
[[nodiscard]] oci::Platform native_platform();

// "created" as documents say it; -1: now.
[[nodiscard]] std::string created_text(std::int64_t seconds);

}  // namespace nacre::images
