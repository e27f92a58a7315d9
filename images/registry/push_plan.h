// What has to go to a registry, in which order. Reads the store, sends nothing. Internal to push().
#pragma once

#include <string>
#include <vector>

#include "images/registry/push.h"
#include "oci-spec/image/document.h"

namespace nacre::images::registry {

struct PushDocument {
  oci::Descriptor descriptor;
  std::string bytes;
  std::optional<oci::Digest> subject;
  oci::Descriptor as_referrer;  // how the list of referrers tells of it, when it has a subject
};

struct PushPlan {
  std::vector<oci::Descriptor> blobs;  // each once, in the order of the manifests
  std::vector<PushDocument>
      documents;  // what others point at stands before them; the last is the tag's
};

[[nodiscard]] Result<PushPlan> plan_push(Store& store, const oci::Descriptor& image,
                                         const std::optional<oci::Platform>& platform);

}  // namespace nacre::images::registry
