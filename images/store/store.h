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
#include <string>
#include <vector>

#include "base/result.h"
#include "images/stream/stream.h"
#include "oci-spec/image/descriptor.h"
#include "sys/fds.h"

namespace nacre::images {

class Database;

// ---- leases ------------------------------------------------------------------------------------

// Keeps what is made under it alive until it ends. Ends with the object or with the process: a
// flock on leases/<id> says that its owner lives. Movable, not copyable.
class Lease {
 public:
  Lease(Lease&&) noexcept;
  Lease& operator=(Lease&&) noexcept;
  ~Lease();
  [[nodiscard]] const std::string& id() const { return id_; }

 private:
  friend class Store;
  Lease(Database& database, sys::DirFd folder, std::string id, UniqueFd lock);
  Database* database_ = nullptr;
  sys::DirFd folder_;
  std::string id_;
  UniqueFd lock_;
};

// ---- blobs -------------------------------------------------------------------------------------

struct BlobInfo {
  oci::Digest digest;
  std::uint64_t size = 0;
  std::int64_t created = 0;  // seconds since 1970
};

// A blob on its way in. What was written stays when the object or the process ends: the next
// ingest of the same key goes on at offset(). One writer at a time: a second one waits until the
// first is done and then finds the blob (Store::ingest).
class Ingest : public Sink {
 public:
  // Bytes that are there already, hashed.
  [[nodiscard]] virtual std::uint64_t offset() const = 0;
  // Throws away what is there (a server that cannot go on in the middle, a wrong digest).
  [[nodiscard]] virtual Result<void> restart() = 0;
  // Checks size and digest, makes it durable and records it, kept by the lease. A mismatch is
  // failed_precondition with both digests, and what was written is thrown away.
  [[nodiscard]] virtual Result<void> commit(const Lease& lease) = 0;
};

// ---- layers ------------------------------------------------------------------------------------

enum class LayerState : std::uint8_t { kStaged, kExtracted, kDurable };

struct LayerInfo {
  oci::Digest diff_id;
  oci::Digest blob;  // what it was unpacked from; empty: made here
  LayerState state = LayerState::kStaged;
  std::uint64_t bytes = 0;    // content of regular files
  std::uint64_t entries = 0;  // files, directories, links
  // Paths (relative, no leading slash) that need a look at the layers below: docs/storage.md.
  std::vector<std::string> implied_directories;
  // link path -> target path, where the target is not in this layer.
  std::vector<std::pair<std::string, std::string>> deferred_links;
};

// ---- images ------------------------------------------------------------------------------------

struct ImageRecord {
  std::string name;  // Reference::text(), or "" in lists of what has no name
  oci::Descriptor target;  // a manifest or an index
  std::int64_t created = 0;
  std::int64_t updated = 0;
};

// ---- collection and check ----------------------------------------------------------------------

struct Collected {
  std::uint64_t blobs = 0, layers = 0, images = 0, snapshots = 0, ingests = 0;
  std::uint64_t bytes = 0;
};

struct Damage {
  std::string what;      // "blob sha256:...", "layer sha256:..."
  std::string problem;   // one sentence
  bool repaired = false;
};

struct CheckOptions {
  bool deep = false;    // hash every blob, compare every file of every layer with its manifest
  bool repair = false;  // drop what is damaged so that it is fetched or extracted again; re-extract where the blob is good
};

// ---- the store ---------------------------------------------------------------------------------

class Store {
 public:
  // Makes what is missing. `root` is an absolute path. Refuses a data root of a newer schema.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const std::string& root);
  virtual ~Store() = default;

  [[nodiscard]] virtual Result<Lease> lease() = 0;

  [[nodiscard]] virtual Result<std::optional<BlobInfo>> find_blob(const oci::Digest& digest) = 0;
  [[nodiscard]] virtual Result<std::vector<BlobInfo>> blobs() = 0;
  [[nodiscard]] virtual Result<UniqueFd> open_blob(const oci::Digest& digest) = 0;
  // A document, hashed again while it is read; more than `limit` bytes is an error.
  [[nodiscard]] virtual Result<std::string> read_document(const oci::Digest& digest,
                                                          std::size_t limit) = 0;
  // Nothing when the blob is there (and now kept by the lease). `expected.size` 0 and an empty
  // digest are allowed for what is only known at its end; the key then is a random one.
  [[nodiscard]] virtual Result<std::unique_ptr<Ingest>> ingest(const Lease& lease,
                                                               const oci::Descriptor& expected) = 0;
  // A whole small document at once.
  [[nodiscard]] virtual Result<oci::Descriptor> put_document(const Lease& lease,
                                                             const std::string& media_type,
                                                             std::string_view bytes) = 0;
  // What a document points at, so that collection keeps it: recorded by whoever has parsed it.
  [[nodiscard]] virtual Result<void> set_references(const oci::Digest& from,
                                                    const std::vector<oci::Digest>& blobs,
                                                    const std::vector<oci::Digest>& layers) = 0;

  [[nodiscard]] virtual Result<std::optional<LayerInfo>> find_layer(const oci::Digest& diff_id) = 0;
  // Unpacks `blob` (in the store) unless the layer is there already, and checks that it hashes to
  // `diff_id`. Two callers for one layer: one works, the other waits. `progress` is told the
  // compressed bytes taken so far; it may be called from another thread.
  [[nodiscard]] virtual Result<LayerInfo> unpack(
      const Lease& lease, const oci::Descriptor& blob, const oci::Digest& diff_id,
      const std::function<void(std::uint64_t)>& progress) = 0;
  // The same while the blob is still arriving: `blob_bytes` is its compressed stream, in order.
  [[nodiscard]] virtual Result<LayerInfo> unpack_stream(const Lease& lease,
                                                        const oci::Descriptor& blob,
                                                        const oci::Digest& diff_id,
                                                        Source& blob_bytes) = 0;
  // layers/<diffid>/fs, O_PATH. kFailedPrecondition while it is not extracted.
  [[nodiscard]] virtual Result<sys::DirFd> open_layer(const oci::Digest& diff_id) = 0;
  // Everything `extracted` becomes `durable`. What a worker calls, or whoever gives up a blob.
  [[nodiscard]] virtual Result<void> make_durable() = 0;

  [[nodiscard]] virtual Result<std::optional<ImageRecord>> find_image(const std::string& name) = 0;
  [[nodiscard]] virtual Result<std::vector<ImageRecord>> images() = 0;  // by name
  [[nodiscard]] virtual Result<void> put_image(const std::string& name,
                                               const oci::Descriptor& target) = 0;
  [[nodiscard]] virtual Result<void> remove_image(const std::string& name) = 0;

  // Removes what no root keeps. The records at once; the files afterwards, from trash/, without
  // holding anybody up.
  [[nodiscard]] virtual Result<Collected> collect() = 0;
  [[nodiscard]] virtual Result<std::vector<Damage>> check(const CheckOptions& options) = 0;

  // For images/snapshots, which keeps its records in the same database.
  [[nodiscard]] virtual Database& database() = 0;
  [[nodiscard]] virtual const sys::DirFd& root() const = 0;
};

}  // namespace nacre::images
