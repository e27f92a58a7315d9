// One blob to a registry: found there, taken over from another repository, or uploaded, whole or in
// chunks (distribution-spec, "Pushing blobs").
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "images/registry/session.h"
#include "oci-spec/image/descriptor.h"

namespace nacre::images::registry {

// The blob's bytes from `offset` on, opened anew at each call.
using BlobReader = std::function<Result<std::unique_ptr<Source>>(std::uint64_t offset)>;

struct UploadOptions {
  std::vector<std::string> mount_from;  // repositories of the same registry that may have it
  // 0: the whole blob in one request, and chunks only to go on after an interruption or where the
  // registry finds one request too large.
  std::uint64_t chunk_bytes = 0;
  std::function<void(std::uint64_t)> progress;  // bytes that the registry has; may go back
};

enum class Uploaded : std::uint8_t { kWasThere, kMounted, kSent };

[[nodiscard]] Result<Uploaded> upload_blob(Session& session, const oci::Descriptor& blob,
                                           const BlobReader& reader, const UploadOptions& options,
                                           const std::stop_token& stop);

}  // namespace nacre::images::registry
