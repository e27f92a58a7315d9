// A root filesystem becomes an image of one layer.
#include <vector>

#include "base/text.h"
#include "images/compose/image_base.h"
#include "images/formats/rootfs.h"
#include "images/formats/watched.h"
#include "images/layers/layers.h"
#include "images/stream/decompress.h"
#include "images/stream/filters.h"
#include "images/stream/hasher.h"
#include "images/stream/memory.h"
#include "images/tar/reader.h"
#include "sys/file.h"
#include "sys/mount.h"

namespace nacre::images {
namespace {

// Whatever is no archive to its end is found out here, not when somebody runs it.
Result<void> walk_archive(Source& plain) {
  tar::Reader reader(plain);
  std::uint64_t entries = 0;
  while (NACRE_TRY(reader.next())) ++entries;
  static_cast<void>(NACRE_TRY(reader.drain()));
  if (entries != 0) return {};
  return fail(invalid_argument("the archive is empty"));
}

std::string_view layer_type(Compression compression) {
  return compression == Compression::kZstd ? oci::media::kLayerZstd : oci::media::kLayerGzip;
}

// What was looked at, and then the rest.
class PeekedSource final : public Source {
 public:
  explicit PeekedSource(Source& source) : source_(source) {}
  Result<Bytes> peek() {
    start_.resize(kMagicBytes);
    start_.resize(NACRE_TRY(read_full(source_, start_)));
    return Bytes(start_);
  }
  Result<std::size_t> read(Buffer into) override {
    if (given_ == start_.size()) return source_.read(into);
    MemorySource rest(Bytes(start_).subspan(given_));
    const std::size_t got = NACRE_TRY(rest.read(into));
    given_ += got;
    return got;
  }

 private:
  Source& source_;
  std::vector<std::byte> start_;
  std::size_t given_ = 0;
};

// The blob is what came, byte for byte.
Result<LayerBlob> take_compressed(Store& store, const Lease& lease, Source& archive,
                                  Compression compression) {
  const auto ingest = NACRE_TRY(store.ingest(lease, {}));
  CountingSink blob(*ingest);
  TeeSource stored(archive, blob);
  const Decompressed plain = NACRE_TRY(decompress(stored));
  Hasher hasher;
  HashingSource hashed(*plain.source, hasher);
  CountingSource counted(hashed);
  NACRE_TRY(walk_archive(counted));
  NACRE_TRY(ingest->commit(lease));
  return LayerBlob{.blob = {.media_type = std::string(layer_type(compression)),
                            .digest = ingest->digest(),
                            .size = blob.count()},
                   .diff_id = NACRE_TRY(hasher.finish()),
                   .bytes = counted.count()};
}

Result<LayerBlob> take_plain(Store& store, const Lease& lease, Source& archive,
                             const Compressing& compressing) {
  const auto write = [&](Sink& out) -> Result<void> {
    TeeSource written(archive, out);
    return walk_archive(written);
  };
  return make_layer_blob(store, lease, write, compressing);
}

Result<NewImage> compose(Store& store, const Lease& lease, const LayerBlob& layer,
                         const ImportOptions& options) {
  if (options.unpack)
    static_cast<void>(NACRE_TRY(store.unpack(lease, layer.blob, layer.diff_id, {})));
  oci::ImageConfig config;
  config.created = created_text(options.created);
  config.author = options.author;
  config.platform = options.platform ? oci::normalized(*options.platform) : native_platform();
  config.config = options.config;
  config.rootfs.diff_ids = {layer.diff_id};
  config.history = {{.created = config.created,
                     .created_by = "nacre image import",
                     .author = options.author,
                     .comment = options.comment}};
  return compose_image(store, lease, config, {layer.blob});
}

// Without what is mounted in it, where the kernel gives that: then what lies under the mounts can
// be seen. Otherwise they are left out.
sys::DirFd without_mounts(const sys::DirFd& tree) {
  auto clone = sys::open_tree(tree, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
  if (!clone) return {};
  auto opened = sys::openat<sys::DirFd>(*clone, ".", O_RDONLY | O_DIRECTORY);
  return opened ? *std::move(opened) : sys::DirFd();
}

}  // namespace

Result<NewImage> import_archive(Store& store, const Lease& lease, Source& archive,
                                const ImportOptions& options,
                                const std::function<void(std::uint64_t)>& bytes_read,
                                const std::stop_token& stop) {
  WatchedSource watched(archive, bytes_read, stop);
  PeekedSource peeked(watched);
  const Bytes start = NACRE_TRY_CTX(peeked.peek(), "import");
  const Compression compression = NACRE_TRY_CTX(detect_compression(start), "import");
  const LayerBlob layer = NACRE_TRY_CTX(compression == Compression::kNone
                                            ? take_plain(store, lease, peeked, options.compressing)
                                            : take_compressed(store, lease, peeked, compression),
                                        "import");
  return NACRE_TRY_CTX(compose(store, lease, layer, options), "import");
}

Result<NewImage> import_directory(Store& store, const Lease& lease, const sys::DirFd& tree,
                                  const ImportOptions& options,
                                  const std::function<void(std::uint64_t)>& bytes_read,
                                  const std::stop_token& stop) {
  const sys::DirFd bare = without_mounts(tree);
  const sys::DirFd& root = bare ? bare : tree;
  const DiffOptions diff{
      .whiteouts = store.whiteouts(), .clamp_mtime = options.clamp_mtime, .whole_tree = true};
  const auto write = [&](Sink& out) -> Result<void> {
    WatchedSink watched(out, bytes_read, stop);
    static_cast<void>(NACRE_TRY(write_layer(root, {}, watched, diff)));
    return {};
  };
  const LayerBlob layer =
      NACRE_TRY_CTX(make_layer_blob(store, lease, write, options.compressing), "import");
  return NACRE_TRY_CTX(compose(store, lease, layer, options), "import");
}

}  // namespace nacre::images
