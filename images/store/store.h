// The store: what exists on this machine of images and layers. See docs/storage.md.
//
// One Store object per process and data root; any number of processes may have the same root open.
// All methods may be called from several threads; each is one transaction. Values returned are
// copies. Errors name what was asked for; kNotFound when there is none, kInternal for damage (a
// record whose file is missing), kResourceExhausted for a full disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/layers/layers.h"
#include "images/store/blob.h"
#include "images/store/image_record.h"
#include "images/store/layer_info.h"
#include "images/store/lease.h"
#include "images/store/maintenance.h"
#include "images/stream/stream.h"
#include "oci-spec/image/descriptor.h"
#include "sys/fds.h"

namespace nacre::images {

class Database;
class Transaction;

struct StoreOptions {
  // For every layer that is unpacked here. budget.free_bytes is also what a blob that is arriving
  // leaves on the disk, so that the records can still be written.
  ApplyBudget budget;
  // Of a store that belongs to a user without root.
  std::vector<IdMap> uids, gids;
  bool squash_ids = false;
};

class Store {
 public:
  // Makes what is missing. `root` is an absolute path. A data root of a newer schema is
  // unsupported. Layers that were not synced before the machine stopped become kStaged here.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const std::string& root,
                                                           const StoreOptions& options = {});
  virtual ~Store() = default;

  [[nodiscard]] virtual Result<Lease> lease() = 0;

  [[nodiscard]] virtual Result<std::optional<BlobInfo>> find_blob(const oci::Digest& digest) = 0;
  [[nodiscard]] virtual Result<std::vector<BlobInfo>> blobs() = 0;  // by digest
  [[nodiscard]] virtual Result<UniqueFd> open_blob(const oci::Digest& digest) = 0;
  // A document, hashed again while it is read; more than `limit` bytes is kResourceExhausted.
  [[nodiscard]] virtual Result<std::string> read_document(const oci::Digest& digest,
                                                          std::size_t limit) = 0;
  // Nothing when the blob is there (and now kept by the lease). `expected.size` 0 and an empty
  // digest are allowed for what is only known at its end; what was written under an empty digest
  // does not outlive the object.
  [[nodiscard]] virtual Result<std::unique_ptr<Ingest>> ingest(const Lease& lease,
                                                               const oci::Descriptor& expected) = 0;
  // A whole small document at once; its descriptor (media type, digest, size).
  [[nodiscard]] virtual Result<oci::Descriptor> put_document(const Lease& lease,
                                                             const std::string& media_type,
                                                             std::string_view bytes) = 0;
  // What a document points at, so that collection keeps it: recorded by whoever has parsed it, also
  // when it points at nothing. Replaces what was told before. kNotFound when the document is not
  // there; what it points at need not be.
  [[nodiscard]] virtual Result<void> set_references(const oci::Digest& from,
                                                    const std::vector<oci::Digest>& blobs,
                                                    const std::vector<oci::Digest>& layers) = 0;

  [[nodiscard]] virtual Result<std::optional<LayerInfo>> find_layer(const oci::Digest& diff_id) = 0;
  [[nodiscard]] virtual Result<std::vector<LayerInfo>> layers() = 0;  // by diffID
  // Unpacks `blob` (in the store) unless the layer is there already, and checks that it hashes to
  // `diff_id`. Two callers for one layer: one works, the other waits. The layer and the blob are
  // kept by the lease. How the blob is compressed is seen from its first bytes. `progress` (may be
  // empty) is told the compressed bytes taken so far; it may be called from another thread.
  // A wrong diffID is failed_precondition; nothing stays of what was unpacked.
  [[nodiscard]] virtual Result<LayerInfo> unpack(
      const Lease& lease, const oci::Descriptor& blob, const oci::Digest& diff_id,
      const std::function<void(std::uint64_t)>& progress) = 0;
  // The same while the blob is still arriving: `blob_bytes` is its compressed stream, in order,
  // read from another thread. Returns without having read it to the end, or at all, when the layer
  // is there already or on an error. The blob itself comes in through ingest().
  [[nodiscard]] virtual Result<LayerInfo> unpack_stream(const Lease& lease,
                                                        const oci::Descriptor& blob,
                                                        const oci::Digest& diff_id,
                                                        Source& blob_bytes) = 0;
  // layers/<diffid>/fs, O_PATH. kFailedPrecondition while it is not extracted: unpack() it from
  // LayerInfo::blob.
  [[nodiscard]] virtual Result<sys::DirFd> open_layer(const oci::Digest& diff_id) = 0;
  // Everything `extracted` becomes `durable`. What a worker calls, or whoever gives up a blob.
  [[nodiscard]] virtual Result<void> make_durable() = 0;

  [[nodiscard]] virtual Result<std::optional<ImageRecord>> find_image(const std::string& name) = 0;
  [[nodiscard]] virtual Result<std::vector<ImageRecord>> images() = 0;  // by name
  // Points the name at a document that is here. Its references must have been recorded before
  // (failed_precondition): without them collection would take what it consists of.
  [[nodiscard]] virtual Result<void> put_image(const std::string& name,
                                               const oci::Descriptor& target) = 0;
  [[nodiscard]] virtual Result<void> remove_image(const std::string& name) = 0;

  // Removes what no root keeps. The records at once, what lies on the disk goes to the trash. Roots
  // are images, leases whose owners live, and holds (images/store/holds.h).
  [[nodiscard]] virtual Result<Collected> collect() = 0;
  // Deletes what is in the trash. Takes its time: on a thread that nobody waits for, until `stop`.
  [[nodiscard]] virtual Result<void> empty_trash(const std::stop_token& stop) = 0;
  // Called within the transaction of every collection, after the ended leases are gone and before
  // anything is marked: removes records of its own module that nothing keeps, and their holds; says
  // how many. To be added before the store is used by several threads.
  using Collector = std::function<Result<std::uint64_t>(Transaction&)>;
  virtual void add_collector(Collector collector) = 0;

  [[nodiscard]] virtual Result<std::vector<Damage>> check(const CheckOptions& options) = 0;

  // For images/snapshots, which keeps its records in the same database.
  [[nodiscard]] virtual Database& database() = 0;
  [[nodiscard]] virtual const sys::DirFd& root() const = 0;
  // How the layers here say that something is deleted; decided when the data root was made.
  [[nodiscard]] virtual WhiteoutForm whiteouts() const = 0;
};

}  // namespace nacre::images
