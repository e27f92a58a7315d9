#include "images/store/store.h"

#include "base/text.h"
#include "images/store/blobs.h"
#include "images/store/check.h"
#include "images/store/clock.h"
#include "images/store/collect.h"
#include "images/store/ingest.h"
#include "images/store/open.h"
#include "images/store/records.h"
#include "images/store/reserve.h"
#include "images/store/sync_layers.h"
#include "images/store/trash.h"
#include "images/store/unpack.h"

namespace nacre::images {
namespace {

class FileStore final : public Store {
 public:
  explicit FileStore(std::unique_ptr<Core> core) : core_(std::move(core)) {}

  Result<Lease> lease() override { return Lease::begin(*core_->database, core_->layout.leases); }

  Result<std::optional<BlobInfo>> find_blob(const oci::Digest& digest) override {
    return core_->read([&](Transaction& records) { return records::find_blob(records, digest); });
  }
  Result<std::vector<BlobInfo>> blobs() override {
    return core_->read([](Transaction& records) { return records::all_blobs(records); });
  }
  Result<UniqueFd> open_blob(const oci::Digest& digest) override {
    return images::open_blob(*core_, digest);
  }
  Result<std::string> read_document(const oci::Digest& digest, std::size_t limit) override {
    return images::read_document(*core_, digest, limit);
  }
  Result<std::unique_ptr<Ingest>> ingest(const Lease& lease,
                                         const oci::Descriptor& expected) override {
    return std::unique_ptr<Ingest>(NACRE_TRY(FileIngest::open(*core_, lease, expected)));
  }
  Result<oci::Descriptor> put_document(const Lease& lease, const std::string& media_type,
                                       std::string_view bytes) override {
    return images::put_document(*core_, lease, media_type, bytes);
  }
  Result<void> set_references(const oci::Digest& from, const std::vector<oci::Digest>& blobs,
                              const std::vector<oci::Digest>& layers) override {
    return images::set_references(*core_, from, blobs, layers);
  }

  Result<std::optional<LayerInfo>> find_layer(const oci::Digest& diff_id) override {
    const auto layer = NACRE_TRY(
        core_->read([&](Transaction& records) { return records::find_layer(records, diff_id); }));
    return layer ? std::optional(layer->info) : std::nullopt;
  }
  Result<std::vector<LayerInfo>> layers() override {
    std::vector<LayerInfo> infos;
    for (auto& layer : NACRE_TRY(
             core_->read([](Transaction& records) { return records::all_layers(records); }))) {
      infos.push_back(std::move(layer.info));
    }
    return infos;
  }
  Result<LayerInfo> unpack(const Lease& lease, const oci::Descriptor& blob,
                           const oci::Digest& diff_id,
                           const std::function<void(std::uint64_t)>& progress) override {
    return unpack_blob(*core_, lease, blob, diff_id, progress);
  }
  Result<LayerInfo> unpack_stream(const Lease& lease, const oci::Descriptor& blob,
                                  const oci::Digest& diff_id, Source& blob_bytes) override {
    return unpack_source(*core_, lease, blob, diff_id, blob_bytes);
  }
  Result<sys::DirFd> open_layer(const oci::Digest& diff_id) override {
    return open_layer_tree(*core_, diff_id);
  }
  Result<void> make_durable() override { return sync_layers(*core_); }

  Result<std::optional<ImageRecord>> find_image(const std::string& name) override {
    return core_->read([&](Transaction& records) { return records::find_image(records, name); });
  }
  Result<std::vector<ImageRecord>> images() override {
    return core_->read([](Transaction& records) { return records::all_images(records); });
  }
  Result<void> put_image(const std::string& name, const oci::Descriptor& target) override;
  Result<void> remove_image(const std::string& name) override;

  Result<Collected> collect() override {
    return with_reserve(core_->layout, [&] { return images::collect(*core_, collectors_); });
  }
  Result<void> empty_trash(const std::stop_token& stop) override {
    NACRE_TRY(images::empty_trash(core_->layout, core_->boot_id, stop));
    return make_reserve(core_->layout);
  }
  void add_collector(Collector collector) override { collectors_.push_back(std::move(collector)); }
  Result<std::vector<Damage>> check(const CheckOptions& options) override {
    return images::check(*core_, options);
  }

  Database& database() override { return *core_->database; }
  [[nodiscard]] const sys::DirFd& root() const override { return core_->layout.root; }
  [[nodiscard]] WhiteoutForm whiteouts() const override { return core_->whiteouts; }

 private:
  std::unique_ptr<Core> core_;
  std::vector<Collector> collectors_;
};

Result<void> FileStore::put_image(const std::string& name, const oci::Descriptor& target) {
  if (name.empty()) return fail(invalid_argument("an image has to have a name"));
  const std::int64_t now = seconds_now();
  return core_->write(Durability::kPowerCut, [&](Transaction& records) -> Result<void> {
    if (!NACRE_TRY(records::find_blob(records, target.digest))) {
      return fail(not_found(text::join("image ", text::quote(name), " cannot point at ",
                                       target.digest.text(), ": there is no such blob")));
    }
    if (!NACRE_TRY(records::find_references(records, target.digest))) {
      return fail(failed_precondition(text::join("image ", text::quote(name), " cannot point at ",
                                                 target.digest.text(),
                                                 ": what that refers to has not been recorded")));
    }
    return records::put_image(records, {name, target, now, now});
  });
}

Result<void> FileStore::remove_image(const std::string& name) {
  const auto remove = [&](Transaction& records) { return records::remove_image(records, name); };
  const bool removed = NACRE_TRY(
      with_reserve(core_->layout, [&] { return core_->write(Durability::kPowerCut, remove); }));
  if (removed) return {};
  return fail(not_found(text::join("there is no image ", text::quote(name))));
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& root, const StoreOptions& options) {
  auto core = open_core(root, options);
  if (!core) return fail(std::move(core).error().with_context(text::join("data root ", root)));
  return std::unique_ptr<Store>(new FileStore(*std::move(core)));
}

}  // namespace nacre::images
