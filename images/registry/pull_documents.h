// The documents of an image: from a name to the manifest and configuration of one platform.
// Internal to pull().
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "images/reference/reference.h"
#include "images/registry/client.h"
#include "images/registry/fetch_blob.h"
#include "images/registry/pull.h"
#include "images/store/store.h"
#include "oci-spec/image/document.h"

namespace nacre::images::registry {

struct ImageDocuments {
  oci::Descriptor target;
  oci::Descriptor manifest_descriptor;
  oci::Manifest manifest;
  oci::ImageConfig config;
  bool fetched = false;  // something was not in the store before
};

// Everything that a pull works with. All borrowed.
struct PullContext {
  Client& client;
  Store& store;
  const Lease& lease;
  const Reference& reference;
  const PullOptions& options;
  ProgressListener* progress;
  const Hosts& hosts;  // to be pulled from, by digest

  void warn(const std::string& sentence) const;
};

// What the name stands for. HEAD where that is enough.
[[nodiscard]] Result<oci::Descriptor> resolve(const PullContext& context,
                                              const std::stop_token& stop);
// The documents, in the store afterwards, with their references recorded.
[[nodiscard]] Result<ImageDocuments> fetch_documents(const PullContext& context,
                                                     const oci::Descriptor& target,
                                                     const std::stop_token& stop);

}  // namespace nacre::images::registry
