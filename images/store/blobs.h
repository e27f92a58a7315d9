// Reading blobs, and the documents among them.
#pragma once

#include <optional>
#include <string>

#include "images/store/core.h"

namespace nacre::images {

[[nodiscard]] Result<UniqueFd> open_blob(Core& core, const oci::Digest& digest);
[[nodiscard]] Result<std::string> read_document(Core& core, const oci::Digest& digest,
                                                std::size_t limit);
[[nodiscard]] Result<oci::Descriptor> put_document(Core& core, const Lease& lease,
                                                   const std::string& media_type,
                                                   std::string_view bytes);
[[nodiscard]] Result<void> set_references(Core& core, const oci::Digest& from,
                                          const std::vector<oci::Digest>& blobs,
                                          const std::vector<oci::Digest>& layers);

// What is wrong with a blob's file; nothing: it is whole. `deep`: it is hashed.
[[nodiscard]] Result<std::optional<std::string>> problem_of(Core& core, const BlobInfo& blob,
                                                            bool deep);

}  // namespace nacre::images
