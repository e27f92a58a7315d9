// What is to be loaded, found out before anything of it is stored.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "images/formats/load.h"
#include "images/formats/members.h"
#include "oci-spec/image/document.h"
#include "oci-spec/image/media_types.h"

namespace nacre::images {

// A manifest, an index, a configuration: its bytes are right, and what it refers to is known.
struct PlannedDocument {
  oci::Descriptor descriptor;
  std::string bytes;
  std::vector<oci::Digest> blobs, layers;
};

struct PlannedBlob {
  oci::Descriptor blob;  // digest empty: known when it has been read
  std::string member;    // empty: it is in the store
  oci::Digest diff_id;   // empty: not to be unpacked
};

struct PlannedImage {
  std::vector<std::string> names;
  oci::Descriptor target;
  oci::Descriptor manifest;
  oci::Digest config;
  // Of a docker-archive: the manifest is made when the blobs of its layers are known. Positions in
  // LoadPlan::blobs, the lowest first.
  bool make_manifest = false;
  oci::Descriptor config_blob;
  std::vector<std::size_t> layers;
};

struct LoadPlan {
  std::vector<PlannedImage> images;
  std::vector<PlannedDocument> documents;  // what a document refers to stands before it
  std::vector<PlannedBlob> blobs;
};

struct PlanContext {
  Store& store;
  Members& members;
  const LoadOptions& options;
  ProgressListener* progress;
  const std::stop_token& stop;

  void warn(const std::string& sentence) const;
  [[nodiscard]] oci::Platform wanted() const;
  // 64-bit machines run what their ancestors ran; who has named a platform wants that one.
  [[nodiscard]] oci::Ancestors ancestors() const;
  [[nodiscard]] Result<void> check_stop() const;
};

// From index.json and from manifest.json.
[[nodiscard]] Result<LoadPlan> plan_layout(const PlanContext& context);
[[nodiscard]] Result<LoadPlan> plan_docker_archive(const PlanContext& context);

// options.name instead of, or for want of, the archive's own; names that promise a digest; the same
// name twice.
[[nodiscard]] Result<void> settle_names(const LoadOptions& options, LoadPlan& plan);

}  // namespace nacre::images
