// Images into files. The same images give the same bytes.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "images/store/progress.h"
#include "images/store/store.h"
#include "oci-spec/image/platform.h"

namespace nacre::images {

struct SaveImage {
  std::vector<std::string> names;  // Reference::text(); may be none
  oci::Descriptor target;
};

struct SaveOptions {
  // Of an index: only this platform's manifest. Nothing: everything that is in the store of it, and
  // an error when that is nothing at all.
  std::optional<oci::Platform> platform;
};

// An OCI layout that is a docker-archive as well (manifest.json beside index.json, as Docker has
// written since 25): older Docker, podman and skopeo read it. Of an index manifest.json has the
// chosen or this machine's image.
[[nodiscard]] Result<void> save_archive(Store& store, const std::vector<SaveImage>& images,
                                        Sink& tar, const SaveOptions& options,
                                        ProgressListener* progress, const std::stop_token& stop);

// Into an empty directory, or into a layout that is there already: images are added, one with the
// same name is replaced. Durable when it returns; index.json is written last and replaced by
// rename.
[[nodiscard]] Result<void> save_layout(Store& store, const std::vector<SaveImage>& images,
                                       const sys::DirFd& layout, const SaveOptions& options,
                                       ProgressListener* progress, const std::stop_token& stop);

}  // namespace nacre::images
