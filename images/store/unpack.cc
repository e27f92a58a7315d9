#include "images/store/unpack.h"

#include <optional>

#include "base/scope_exit.h"
#include "base/text.h"
#include "images/store/blobs.h"
#include "images/store/clock.h"
#include "images/store/holds.h"
#include "images/store/layer_pipeline.h"
#include "images/store/trash.h"
#include "images/stream/file.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

constexpr std::size_t kManifestBuffer = std::size_t{64} << 10U;
constexpr std::size_t kProblemLimit = 20;

// A line for each file would be a system call for each file.
class BufferedSink final : public Sink {
 public:
  explicit BufferedSink(Sink& sink) : sink_(sink) {}
  Result<void> write(Bytes bytes) override {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() < kManifestBuffer) return {};
    return flush();
  }
  Result<void> finish() override {
    NACRE_TRY(flush());
    return sink_.finish();
  }

 private:
  Result<void> flush() {
    NACRE_TRY(sink_.write(buffer_));
    buffer_.clear();
    return {};
  }
  Sink& sink_;
  std::vector<std::byte> buffer_;
};

// Tells how far it has got.
class ProgressSource final : public Source {
 public:
  ProgressSource(Source& source, const std::function<void(std::uint64_t)>& progress)
      : source_(source), progress_(progress) {}
  Result<std::size_t> read(Buffer into) override {
    const std::size_t got = NACRE_TRY(source_.read(into));
    taken_ += got;
    if (progress_) progress_(taken_);
    return got;
  }

 private:
  Source& source_;
  const std::function<void(std::uint64_t)>& progress_;
  std::uint64_t taken_ = 0;
};

using Found = std::optional<LayerInfo>;

// The layer if it can be used, kept by the lease, and its blob with it.
Result<Found> keep_if_usable(Core& core, const Lease& lease, const oci::Digest& blob,
                             const oci::Digest& diff_id) {
  return core.write(Durability::kProcess, [&](Transaction& records) -> Result<Found> {
    if (!blob.empty() && NACRE_TRY(records::find_blob(records, blob))) {
      NACRE_TRY(keep(records, lease, kBlobKind, blob.text()));
    }
    const auto layer = NACRE_TRY(records::find_layer(records, diff_id));
    if (!layer || !layer->usable(core.boot_id)) return Found();
    NACRE_TRY(keep(records, lease, kLayerKind, diff_id.text()));
    return Found(layer->info);
  });
}

ApplyOptions apply_options(const Core& core) {
  return {core.whiteouts, core.options.budget, core.options.uids, core.options.gids,
          core.options.squash_ids};
}

struct Staging {
  sys::DirFd folder;
  sys::DirFd tree;
  UniqueFd manifest;
};

Result<Staging> make_staging(Core& core, const std::string& name) {
  Staging staging;
  // Of one that was killed.
  static_cast<void>(NACRE_TRY(discard(core.layout, core.layout.layers, name)));
  NACRE_TRY_CTX(sys::mkdirat(core.layout.layers, name.c_str(), 0700), "make a staging folder");
  const int how = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  staging.folder =
      NACRE_TRY_CTX(sys::openat<sys::DirFd>(core.layout.layers, name.c_str(), how), "open it");
  NACRE_TRY_CTX(sys::mkdirat(staging.folder, kLayerTree, 0755), "make the root of a layer");
  staging.tree = NACRE_TRY_CTX(sys::openat<sys::DirFd>(staging.folder, kLayerTree, how),
                               "open the root of a layer");
  // An archive that says nothing about its root gets what the umask must not change.
  NACRE_TRY_CTX(sys::fchmod(staging.tree, 0755), "set the mode of the root of a layer");
  staging.manifest =
      NACRE_TRY_CTX(sys::openat(staging.folder, kLayerManifest, O_WRONLY | O_CREAT | O_EXCL, 0600),
                    "make the manifest of a layer");
  return staging;
}

// Records what is in place already.
Result<LayerInfo> record(Core& core, const Lease& lease, const records::LayerRecord& layer) {
  const auto put = [&](Transaction& records) -> Result<void> {
    NACRE_TRY(records::put_layer(records, layer));
    return keep(records, lease, kLayerKind, layer.info.diff_id.text());
  };
  NACRE_TRY(core.write(Durability::kProcess, put));
  return layer.info;
}

// Whether somebody may be reading the files that lie under the layer's name: then it was unpacked
// in this run of the machine and given up on because of damage.
Result<bool> may_be_in_use(Core& core, const oci::Digest& diff_id) {
  const auto layer = NACRE_TRY(
      core.read([&](Transaction& records) { return records::find_layer(records, diff_id); }));
  return layer && layer->boot_id == core.boot_id;
}

// `open_source` gives the compressed bytes, once it is known that they are needed.
template <class OpenSource>
Result<LayerInfo> unpack_with(Core& core, const Lease& lease, const oci::Digest& blob,
                              const oci::Digest& diff_id, OpenSource open_source) {
  if (auto found = NACRE_TRY(keep_if_usable(core, lease, blob, diff_id))) return *std::move(found);
  const FileLock lock = NACRE_TRY(FileLock::acquire(core.layout.locks, layer_lock(diff_id)));
  if (auto found = NACRE_TRY(keep_if_usable(core, lease, blob, diff_id))) return *std::move(found);
  const records::LayerRecord layer = NACRE_TRY(
      open_source([&](Source& source) { return extract(core, lock, blob, diff_id, source); }));
  const bool in_use = NACRE_TRY(may_be_in_use(core, diff_id));
  NACRE_TRY(put_in_place(core, diff_id, in_use));
  return record(core, lease, layer);
}

std::string context_of(const oci::Digest& diff_id, const oci::Digest& blob) {
  return text::join("unpack layer ", diff_id.text(), " from blob ", blob.text());
}

}  // namespace

Result<LayerInfo> unpack_blob(Core& core, const Lease& lease, const oci::Descriptor& blob,
                              const oci::Digest& diff_id,
                              const std::function<void(std::uint64_t)>& progress) {
  return unpack_with(
      core, lease, blob.digest, diff_id, [&](auto extract_from) -> Result<records::LayerRecord> {
        const UniqueFd file =
            NACRE_TRY_CTX(open_blob(core, blob.digest), context_of(diff_id, blob.digest));
        FileSource source(file, text::join("blob ", blob.digest.text()));
        ProgressSource told(source, progress);
        return extract_from(told);
      });
}

Result<LayerInfo> unpack_source(Core& core, const Lease& lease, const oci::Descriptor& blob,
                                const oci::Digest& diff_id, Source& blob_bytes) {
  return unpack_with(core, lease, blob.digest, diff_id,
                     [&](auto extract_from) { return extract_from(blob_bytes); });
}

Result<records::LayerRecord> extract(Core& core, const FileLock&, const oci::Digest& blob,
                                     const oci::Digest& diff_id, Source& compressed) {
  const std::string name = staging_name(diff_id);
  const std::string context = context_of(diff_id, blob);
  const Staging staging = NACRE_TRY_CTX(make_staging(core, name), context);
  ScopeExit undo([&] { static_cast<void>(discard(core.layout, core.layout.layers, name)); });
  FileSink file(staging.manifest, "the manifest of layer " + diff_id.text());
  BufferedSink manifest(file);
  Applied applied = NACRE_TRY_CTX(
      inflate_hash_apply(compressed, diff_id, staging.tree, manifest, apply_options(core)),
      context);
  NACRE_TRY_CTX(manifest.finish(), context);
  undo.dismiss();
  records::LayerRecord layer;
  layer.info.diff_id = diff_id;
  layer.info.blob = blob;
  layer.info.state = LayerState::kExtracted;
  layer.info.bytes = applied.bytes;
  layer.info.entries = applied.entries;
  layer.info.created = seconds_now();
  layer.info.opaque_root = applied.opaque_root;
  layer.info.implied_directories = std::move(applied.implied_directories);
  layer.info.deferred_links = std::move(applied.deferred_links);
  layer.info.left_out = std::move(applied.left_out);
  layer.boot_id = core.boot_id;
  layer.stamp = NACRE_TRY(random_name());
  return layer;
}

Result<void> put_in_place(Core& core, const oci::Digest& diff_id, bool in_use) {
  const sys::DirFd& layers = core.layout.layers;
  const std::string name = layer_name(diff_id);
  static_cast<void>(NACRE_TRY(in_use ? discard_until_reboot(core.layout, layers, name, core.boot_id)
                                     : discard(core.layout, layers, name)));
  NACRE_TRY_CTX(sys::renameat(layers, staging_name(diff_id).c_str(), layers, name.c_str()),
                text::join("give layer ", diff_id.text(), " its name"));
  return {};
}

Result<sys::DirFd> open_layer_tree(Core& core, const oci::Digest& diff_id) {
  const auto layer = NACRE_TRY(
      core.read([&](Transaction& records) { return records::find_layer(records, diff_id); }));
  if (!layer) return fail(not_found(text::join("there is no layer ", diff_id.text())));
  if (!layer->usable(core.boot_id)) {
    return fail(
        failed_precondition(text::join("layer ", diff_id.text(), " has to be unpacked first")));
  }
  const std::string path = text::join(layer_name(diff_id), "/", kLayerTree);
  auto tree =
      sys::openat<sys::DirFd>(core.layout.layers, path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (tree) return *std::move(tree);
  if (tree.error().value == ENOENT) {
    return fail(internal_error(text::join("layer ", diff_id.text(),
                                          " is recorded, but its folder is missing (a check with"
                                          " repair unpacks it again)")));
  }
  return fail(Error::from_errno(tree.error(), text::join("open layer ", diff_id.text())));
}

Result<std::vector<std::string>> problems_of(Core& core, const oci::Digest& diff_id, bool deep) {
  using Problems = std::vector<std::string>;
  const std::string name = layer_name(diff_id);
  const auto folder = sys::openat<sys::DirFd>(core.layout.layers, name.c_str(),
                                              O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!folder && folder.error().value == ENOENT) return Problems{"its folder is missing"};
  if (!folder) {
    return Problems{text::join("its folder cannot be opened: ", errno_text(folder.error()))};
  }
  const auto tree =
      sys::openat<sys::DirFd>(*folder, kLayerTree, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!tree) return Problems{text::join("its files cannot be opened: ", errno_text(tree.error()))};
  const auto manifest = sys::openat(*folder, kLayerManifest, O_RDONLY | O_NOFOLLOW);
  if (!manifest) {
    return Problems{text::join("its manifest cannot be opened: ", errno_text(manifest.error()))};
  }
  if (!deep) return Problems();
  FileSource lines(*manifest, "the manifest of layer " + diff_id.text());
  auto problems = compare_with_manifest(*tree, lines, kProblemLimit);
  if (problems) return *std::move(problems);
  return Problems{text::join("it cannot be compared: ", problems.error().message())};
}

}  // namespace nacre::images
