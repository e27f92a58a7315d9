#include "images/formats/load.h"

#include <array>

#include "base/text.h"
#include "images/formats/archive_index.h"
#include "images/formats/layer_in.h"
#include "images/formats/layout_folder.h"
#include "images/formats/load_plan.h"
#include "images/formats/names.h"
#include "images/formats/stream_members.h"
#include "images/stream/decompress.h"
#include "images/stream/file.h"
#include "images/stream/memory.h"
#include "images/stream/workers.h"
#include "oci-spec/image/docker_archive.h"
#include "oci-spec/image/layout.h"
#include "sys/file.h"
#include "sys/inode.h"

namespace nacre::images {
namespace {

using Loaded = std::vector<LoadedImage>;

class Loader {
 public:
  Loader(Store& store, const Lease& lease, Members& members, const LoadOptions& options,
         ProgressListener* progress, const std::stop_token& stop)
      : store_(store),
        lease_(lease),
        members_(members),
        options_(options),
        progress_(progress),
        stop_(stop) {}

  Result<Loaded> run(LoadPlan plan) {
    NACRE_TRY(settle_names(options_, plan));
    announce(plan);
    NACRE_TRY(bring_blobs(plan));
    NACRE_TRY(make_manifests(plan));
    NACRE_TRY(put_documents(plan));
    return put_names(plan);
  }

 private:
  void announce(const LoadPlan& plan) const {
    if (progress_ == nullptr) return;
    for (const PlannedImage& image : plan.images) {
      if (!image.make_manifest) progress_->resolved(image.target);
    }
    std::vector<oci::Descriptor> list;
    list.reserve(plan.blobs.size());
    for (const PlannedBlob& one : plan.blobs) {
      list.push_back(one.blob);
      if (one.blob.digest.empty()) list.back().digest = one.diff_id;
    }
    progress_->blobs(list);
  }

  Result<void> bring_blobs(LoadPlan& plan) {
    const LayerContext context{store_, lease_, members_, options_.unpack, progress_};
    return run_jobs(plan.blobs.size(), options_.parallel, stop_,
                    [&](std::size_t i, const std::stop_token& stop) {
                      return bring_blob(context, plan.blobs[i], stop);
                    });
  }

  // Of a docker-archive: the same archive gives the same manifest.
  Result<void> make_manifests(LoadPlan& plan) {
    for (PlannedImage& image : plan.images) {
      if (!image.make_manifest) continue;
      oci::Manifest manifest{.media_type = std::string(oci::media::kManifest),
                             .config = image.config_blob};
      PlannedDocument document;
      for (const std::size_t layer : image.layers) {
        manifest.layers.push_back(plan.blobs[layer].blob);
        document.blobs.push_back(plan.blobs[layer].blob.digest);
      }
      document.blobs.push_back(image.config);
      document.bytes = oci::to_json(manifest);
      image.manifest = NACRE_TRY(store_.put_document(lease_, manifest.media_type, document.bytes));
      image.target = image.manifest;
      document.descriptor = image.manifest;
      if (progress_ != nullptr) progress_->resolved(image.target);
      plan.documents.push_back(std::move(document));
    }
    return {};
  }

  Result<void> put_documents(const LoadPlan& plan) {
    for (const PlannedDocument& document : plan.documents) {
      NACRE_TRY(put_document(document));
      NACRE_TRY(store_.set_references(document.descriptor.digest, document.blobs, document.layers));
    }
    return {};
  }

  // Under the digest it is known by, whatever its algorithm.
  Result<void> put_document(const PlannedDocument& document) {
    const auto ingest = NACRE_TRY(store_.ingest(lease_, document.descriptor));
    if (ingest == nullptr) return {};
    if (ingest->offset() != 0) NACRE_TRY(ingest->restart());
    NACRE_TRY(ingest->write(as_bytes(document.bytes)));
    return ingest->commit(lease_);
  }

  Result<Loaded> put_names(const LoadPlan& plan) {
    Loaded loaded;
    for (const PlannedImage& image : plan.images) {
      for (const std::string& name : image.names) NACRE_TRY(check_promise(name, image.target));
    }
    for (const PlannedImage& image : plan.images) {
      for (const std::string& name : image.names) NACRE_TRY(store_.put_image(name, image.target));
      loaded.push_back({.names = image.names,
                        .target = image.target,
                        .manifest = image.manifest,
                        .config = image.config});
    }
    return loaded;
  }

  Store& store_;
  const Lease& lease_;
  Members& members_;
  const LoadOptions& options_;
  ProgressListener* progress_;
  const std::stop_token& stop_;
};

// Which of the two it is; both is a layout.
Result<LoadPlan> plan_archive(const PlanContext& context) {
  if (NACRE_TRY(context.members.size_of(oci::kLayoutFile))) return plan_layout(context);
  if (NACRE_TRY(context.members.size_of(oci::kDockerArchiveFile)))
    return plan_docker_archive(context);
  if (NACRE_TRY(context.members.size_of("repositories"))) {
    return fail(unsupported(
        "it was written by a Docker older than 1.10, without manifest.json: load and save it with "
        "a newer one"));
  }
  return fail(invalid_argument(
      "it is neither an OCI layout (oci-layout) nor a docker-archive (manifest.json)"));
}

struct Start {
  bool regular = false;
  std::uint64_t offset = 0;
  Compression compression = Compression::kNone;
};

Result<Start> look_at(FdRef file) {
  Start start;
  const struct statx seen = NACRE_TRY_CTX(sys::fstatx(file), "look at it");
  start.regular = S_ISREG(seen.stx_mode);
  if (!start.regular) return start;
  start.offset = static_cast<std::uint64_t>(
      NACRE_TRY_CTX(sys::lseek(file, 0, SEEK_CUR), "find out where it stands"));
  std::array<std::byte, kMagicBytes> magic{};
  const std::size_t got =
      NACRE_TRY_CTX(sys::pread(file, magic.data(), magic.size(), static_cast<off_t>(start.offset)),
                    "read its beginning");
  start.compression = NACRE_TRY(detect_compression(Bytes(magic).first(got)));
  return start;
}

Result<std::unique_ptr<Members>> open_archive(Store& store, const Lease& lease, FdRef file,
                                              const std::string& what,
                                              const std::stop_token& stop) {
  const Start start = NACRE_TRY_CTX(look_at(file), what);
  if (start.regular && start.compression == Compression::kNone)
    return index_archive(file, start.offset, what, stop);
  FileSource bytes(file, what);
  const Decompressed plain = NACRE_TRY_CTX(decompress(bytes), what);
  return NACRE_TRY_CTX(take_stream(store, lease, *plain.source, stop), what);
}

}  // namespace

Result<Loaded> load_archive(Store& store, FdRef file, const std::string& what,
                            const LoadOptions& options, ProgressListener* progress,
                            const std::stop_token& stop) {
  const Lease lease = NACRE_TRY(store.lease());
  const auto members = NACRE_TRY(open_archive(store, lease, file, what, stop));
  const PlanContext context{store, *members, options, progress, stop};
  LoadPlan plan = NACRE_TRY_CTX(plan_archive(context), what);
  return NACRE_TRY_CTX(Loader(store, lease, *members, options, progress, stop).run(std::move(plan)),
                       what);
}

Result<Loaded> load_layout(Store& store, const sys::DirFd& layout, const std::string& what,
                           const LoadOptions& options, ProgressListener* progress,
                           const std::stop_token& stop) {
  const Lease lease = NACRE_TRY(store.lease());
  const auto members = folder_members(layout);
  const PlanContext context{store, *members, options, progress, stop};
  LoadPlan plan = NACRE_TRY_CTX(plan_layout(context), what);
  return NACRE_TRY_CTX(Loader(store, lease, *members, options, progress, stop).run(std::move(plan)),
                       what);
}

}  // namespace nacre::images
