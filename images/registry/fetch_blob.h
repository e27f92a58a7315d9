// One blob from whoever has it: resumed where it broke off, from mirror to mirror, until its size
// and digest are right.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "images/registry/session.h"
#include "images/store/blob.h"
#include "oci-spec/image/descriptor.h"

namespace nacre::images::registry {

// Sees the bytes of a blob, in order from its first one, while they go into the store.
class BlobTap {
 public:
  BlobTap() = default;
  BlobTap(const BlobTap&) = delete;
  BlobTap& operator=(const BlobTap&) = delete;
  virtual ~BlobTap() = default;
  virtual void pass(Bytes bytes) = 0;
  virtual void void_all() = 0;  // what was seen so far is not the blob; nothing more will come
};

struct BlobTarget {
  Ingest& ingest;
  // Ingest::commit under the caller's lease.
  std::function<Result<void>()> commit;
  BlobTap* tap = nullptr;
  std::function<void(std::uint64_t)> progress;  // bytes that are there; may go back
};

// Whoever gave wrong bytes or refused, for whoever wants to know: "https://mirror: ...".
using Troubles = std::vector<std::string>;

// Tries the hosts in their order. A host that has not the blob, cannot be reached, announces a
// wrong size or gives bytes with a wrong digest is passed over; what it has given otherwise stays,
// and the next one goes on behind it. The error is the last host's; the others' are added to it and
// to `troubles`. An error of the store itself ends it at once.
[[nodiscard]] Result<void> fetch_blob(std::span<const std::unique_ptr<Session>> hosts,
                                      const oci::Descriptor& blob, const BlobTarget& target,
                                      Troubles& troubles, const std::stop_token& stop);

// After the failure of one host: whether another one may do better.
[[nodiscard]] bool next_may_help(const Error& error);

}  // namespace nacre::images::registry
