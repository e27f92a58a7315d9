// From a name in a registry to an image in the store.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "images/reference/reference.h"
#include "images/registry/client.h"
#include "images/store/progress.h"
#include "images/store/store.h"
#include "oci-spec/image/platform.h"

namespace nacre::images::registry {

struct PullOptions {
  // Nothing: this machine's, and an image that is for another one and has no choice is taken with a
  // warning. Given: it must be there.
  std::optional<oci::Platform> platform;
  unsigned parallel = 4;  // blobs at a time
  bool unpack = true;     // false: blobs only
};

struct Pulled {
  oci::Descriptor target;    // what the name stands for now: an index or a manifest
  oci::Descriptor manifest;  // of the platform that was chosen
  oci::Digest config;
  bool was_there = false;  // the name stood for the same before, and nothing had to be fetched
};

// Resolves the tag, fetches what is missing, unpacks layers while they arrive, and gives the image
// its name last: at whatever moment this ends, the store has the old image or the whole new one.
// Blobs that were begun are gone on with by the next pull, also of another process. A lease keeps
// everything until the name does. `progress` may be null.
[[nodiscard]] Result<Pulled> pull(Client& client, Store& store, const Reference& reference,
                                  const PullOptions& options, ProgressListener* progress,
                                  const std::stop_token& stop);

}  // namespace nacre::images::registry
