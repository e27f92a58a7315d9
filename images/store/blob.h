// Blobs: bytes with a digest for a name, and how they come in.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "images/store/lease.h"
#include "images/stream/stream.h"
#include "oci-spec/image/digest.h"

namespace nacre::images {

struct BlobInfo {
  oci::Digest digest;
  std::uint64_t size = 0;    // bytes
  std::int64_t created = 0;  // seconds since 1970
  friend bool operator==(const BlobInfo&, const BlobInfo&) = default;
};

// A blob on its way in. What was written stays when the object or the process ends: the next
// ingest of the same digest goes on at offset(). One writer at a time, among all processes: a
// second one waits until the first is done and then finds the blob (Store::ingest). A thread that
// asks twice for the same digest waits for itself.
//
// write() refuses more than the expected size, and a disk with less room than the store's reserve
// (kResourceExhausted); what is there stays. finish() does nothing: commit() is the end.
class Ingest : public Sink {
 public:
  // Bytes that are there already, hashed.
  [[nodiscard]] virtual std::uint64_t offset() const = 0;
  // Throws away what is there (a server that cannot go on in the middle, a wrong digest).
  [[nodiscard]] virtual Result<void> restart() = 0;
  // Checks size and digest, makes it durable and records it, kept by the lease. A mismatch is
  // failed_precondition with both digests, and what was written is thrown away. If the ingest began
  // with offset() > 0, what a power cut left of the older part may be to blame: from the beginning
  // it may succeed.
  [[nodiscard]] virtual Result<void> commit(const Lease& lease) = 0;
  // What the bytes so far hash to: after commit(), for whoever did not know it before.
  [[nodiscard]] virtual const oci::Digest& digest() const = 0;
};

}  // namespace nacre::images
