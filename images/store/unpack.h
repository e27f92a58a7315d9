// A blob becomes layers/<diffid>.
#pragma once

#include <functional>
#include <string>

#include "images/store/core.h"
#include "images/store/file_lock.h"
#include "images/store/records.h"
#include "images/stream/stream.h"

namespace nacre::images {

[[nodiscard]] Result<LayerInfo> unpack_blob(Core& core, const Lease& lease,
                                            const oci::Descriptor& blob, const oci::Digest& diff_id,
                                            const std::function<void(std::uint64_t)>& progress);
[[nodiscard]] Result<LayerInfo> unpack_source(Core& core, const Lease& lease,
                                              const oci::Descriptor& blob,
                                              const oci::Digest& diff_id, Source& blob_bytes);
[[nodiscard]] Result<sys::DirFd> open_layer_tree(Core& core, const oci::Digest& diff_id);

// The steps below are for repair as well. The caller holds the layer's lock.

// Unpacks into the layer's staging folder and checks the digest; what was there before goes to the
// trash. On an error the folder is gone again.
[[nodiscard]] Result<records::LayerRecord> extract(Core& core, const FileLock& lock,
                                                   const oci::Digest& blob,
                                                   const oci::Digest& diff_id, Source& compressed);
// Gives it its name. `in_use`: an overlay may be mounted on the old one.
[[nodiscard]] Result<void> put_in_place(Core& core, const oci::Digest& diff_id, bool in_use);

// What is wrong with a layer's files, one sentence each; `deep`: compared with its manifest.
[[nodiscard]] Result<std::vector<std::string>> problems_of(Core& core, const oci::Digest& diff_id,
                                                           bool deep);

}  // namespace nacre::images
