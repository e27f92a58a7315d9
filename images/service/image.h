// Images as values, the way people are told of them. Copied freely.
//
// The ID of an image is the digest of its configuration, as with Docker: what is the same image
// under several names, in an index or without one, has one ID.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "images/store/layer_info.h"
#include "images/store/maintenance.h"
#include "oci-spec/image/document.h"

namespace nacre::images {

struct NamedTarget {
  std::string name;          // Reference::text()
  oci::Descriptor target;    // an index or a manifest
  std::int64_t updated = 0;  // seconds since 1970: when the name was last pointed somewhere
  friend bool operator==(const NamedTarget&, const NamedTarget&) = default;
};

struct ImageSummary {
  oci::Digest id;
  std::vector<NamedTarget> names;  // by name; none: the image is kept without one
  oci::Descriptor target;          // what the first name (or the nameless record) stands for
  oci::Descriptor manifest;        // of this machine's platform, or of the first that is here
  std::int64_t created = 0;        // seconds since 1970, as the configuration says; 0: it does not
  std::uint64_t size = 0;  // bytes in files of its layers; of a layer not unpacked: its blob
  oci::Platform platform;
  oci::RunConfig config;
  std::vector<oci::Digest> diff_ids;  // the lowest first
  // Why the rest is empty: a document is missing or cannot be read. `id` is the target's digest.
  std::string problem;
};

struct LayerDetails {
  oci::Digest diff_id;
  oci::Descriptor blob;
  bool blob_here = false;
  std::optional<LayerInfo> unpacked;
};

struct PlatformDetails {
  oci::Descriptor manifest;
  bool here = false;  // its manifest is in the store
};

struct ImageDetails {
  ImageSummary summary;
  oci::ImageConfig config;
  std::vector<LayerDetails> layers;        // the lowest first
  std::vector<PlatformDetails> platforms;  // of an index, as it lists them
};

struct HistoryRow {
  oci::Digest id;  // of the image, on its topmost row; empty below
  std::int64_t created = 0;
  std::string created_by, comment;
  std::uint64_t size = 0;
  bool empty_layer = false;
};

struct Removed {
  std::vector<std::string> untagged;  // names, Reference::text()
  std::vector<oci::Digest> deleted;   // IDs of images that nothing names any more
  Collected collected;
};

}  // namespace nacre::images
