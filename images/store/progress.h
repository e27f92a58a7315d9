// What moving blobs tells while it works: a pull, a push, a load.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "oci-spec/image/descriptor.h"

namespace nacre::images {

enum class Step : std::uint8_t {
  kWaiting,    // for a free worker, or for somebody else who brings the same blob
  kTransfer,   // downloading, uploading, reading: `done` counts
  kUnpacking,  // everything is here
  kDone,
  kWasThere,  // nothing had to be moved
  kMounted,   // the registry has taken it from another repository
};

struct BlobProgress {
  oci::Digest digest;
  Step step = Step::kWaiting;
  std::uint64_t done = 0;   // bytes; may go back when something has to be sent again
  std::uint64_t total = 0;  // bytes
};

// Called from several threads, one call at a time for one blob. Must not block for long.
class ProgressListener {
 public:
  ProgressListener() = default;
  ProgressListener(const ProgressListener&) = delete;
  ProgressListener& operator=(const ProgressListener&) = delete;
  virtual ~ProgressListener() = default;
  // Before any work: what the tag means, and the blobs in their order.
  virtual void resolved(const oci::Descriptor& target) = 0;
  virtual void blobs(const std::vector<oci::Descriptor>& list) = 0;
  virtual void blob(const BlobProgress& progress) = 0;
  // Something that did not stop the work and that somebody should know: a mirror with wrong bytes,
  // an image for another platform.
  virtual void warning(const std::string& sentence) = 0;
};

}  // namespace nacre::images
