// From an image in the store to a name in a registry.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "images/reference/reference.h"
#include "images/registry/client.h"
#include "images/store/progress.h"
#include "images/store/store.h"
#include "oci-spec/image/platform.h"

namespace nacre::images::registry {

struct PushOptions {
  // Only the manifest of this platform, under the tag; nothing: whatever the image is, which must
  // be here with all its platforms.
  std::optional<oci::Platform> platform;
  std::vector<std::string> mount_from;  // repositories of that registry that may have the layers
  std::uint64_t chunk_bytes = 0;        // upload.h
  unsigned parallel = 4;                // blobs at a time
};

struct Pushed {
  oci::Descriptor target;  // what the tag stands for now
  std::uint64_t sent = 0;  // blobs that had to be uploaded
};

// Blobs first, then manifests from the innermost to the outermost, the tag last; every document
// with exactly the bytes that it has here. Layers that may not be redistributed stay where they
// are. A manifest with a subject is entered into the list of referrers where the registry does not
// do that itself. kNotFound names what is not in the store. `progress` may be null.
[[nodiscard]] Result<Pushed> push(Client& client, Store& store, const oci::Descriptor& image,
                                  const Reference& to, const PushOptions& options,
                                  ProgressListener* progress, const std::stop_token& stop);

}  // namespace nacre::images::registry
