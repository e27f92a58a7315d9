// Makes images: a layer from a tree, an image from layers and a configuration.
//
// Everything made here is the same bytes for the same input, but for `created`. Functions are
// thread-safe as far as the store is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "images/store/store.h"
#include "oci-spec/image/document.h"
#include "oci-spec/image/media_types.h"

namespace nacre::images {

struct Compressing {
  oci::Compression kind = oci::Compression::kGzip;
  int level = 0;  // 0: the library's own choice (images/stream/compress.h)
};

// A layer as a blob in the store, not unpacked.
struct LayerBlob {
  oci::Descriptor blob;
  oci::Digest diff_id;
  std::uint64_t bytes = 0;  // of the archive, uncompressed
};

// One pass: `write` gives the archive, which is hashed, compressed, hashed again and stored. The
// compressing is on a thread of its own. Kept by the lease.
[[nodiscard]] Result<LayerBlob> make_layer_blob(Store& store, const Lease& lease,
                                                const std::function<Result<void>(Sink&)>& write,
                                                const Compressing& compressing);

struct NewImage {
  oci::Descriptor manifest;
  oci::Digest config;
};

// Configuration, manifest and references of an image. `layers` are the lowest first, as many as
// config.rootfs.diff_ids; all must be in the store. Gives it no name: Store::put_image.
[[nodiscard]] Result<NewImage> compose_image(Store& store, const Lease& lease,
                                             const oci::ImageConfig& config,
                                             const std::vector<oci::Descriptor>& layers);

struct CommitImageOptions {
  std::string author, comment, created_by;  // of the new entry in the history
  std::optional<oci::RunConfig> config;     // instead of the base image's
  std::int64_t created = -1;                // seconds since 1970; -1: now
  // Times later than this are clamped to it (SOURCE_DATE_EPOCH); -1: none.
  std::int64_t clamp_mtime = -1;
  Compressing compressing;
};

// One more layer on `base` (the descriptor of a manifest; nothing: on no image), from the upper
// directory of an overlay over the base's layers (Snapshotter::layers). Only the upper is walked.
[[nodiscard]] Result<NewImage> commit_image(Store& store, const Lease& lease,
                                            const std::optional<oci::Descriptor>& base,
                                            const sys::DirFd& upper,
                                            const std::vector<sys::DirFd>& lowers,
                                            const CommitImageOptions& options);

}  // namespace nacre::images
