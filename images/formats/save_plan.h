// What is to be written of some images: documents and blobs, each once, and the two lists of them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "images/formats/save.h"
#include "oci-spec/image/docker_archive.h"
#include "oci-spec/image/document.h"
#include "oci-spec/image/media_types.h"

namespace nacre::images {

struct SavedDocument {
  oci::Descriptor descriptor;
  std::string bytes;
};

struct SavePlan {
  std::vector<oci::Descriptor> entries;  // of index.json
  std::vector<oci::DockerArchiveImage> docker;
  std::vector<SavedDocument> documents;  // manifests, indexes, configurations; by digest
  std::vector<oci::Descriptor> blobs;    // by digest
};

// Everything is kept by the lease from here on. not_found: something of an image is not in the
// store (for an index: nothing at all, or not the platform that was asked for).
[[nodiscard]] Result<SavePlan> plan_save(Store& store, const Lease& lease,
                                         const std::vector<SaveImage>& images,
                                         const SaveOptions& options, ProgressListener* progress);

// index.json of these entries.
[[nodiscard]] std::string index_json(std::vector<oci::Descriptor> entries);

// A blob of the store, which is checked while it is read: a damaged one is an error at its end, not
// a damaged copy.
[[nodiscard]] Result<void> copy_blob(Store& store, const oci::Descriptor& blob, Sink& to,
                                     ProgressListener* progress, const std::stop_token& stop);

}  // namespace nacre::images
