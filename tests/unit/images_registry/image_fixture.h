// A registry with real images in it, a store, and a client between them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "images/registry/pull.h"
#include "images/registry/push.h"
#include "images/store/store.h"
#include "tests/unit/images_registry/image_registry.h"
#include "tests/unit/images_registry/support.h"
#include "tests/unit/images_store/samples.h"

namespace nacre::images::registry::test {

class RecordingListener final : public ProgressListener {
 public:
  void resolved(const oci::Descriptor&) override {}
  void blobs(const std::vector<oci::Descriptor>&) override {}
  void blob(const BlobProgress& progress) override {
    const std::lock_guard lock(mutex_);
    last_[progress.digest] = {progress.step, progress.done};
  }
  void warning(const std::string& sentence) override {
    const std::lock_guard lock(mutex_);
    warnings_.push_back(sentence);
  }
  std::pair<Step, std::uint64_t> last(const oci::Digest& digest) {
    const std::lock_guard lock(mutex_);
    return last_[digest];
  }
  std::vector<std::string> warnings() {
    const std::lock_guard lock(mutex_);
    return warnings_;
  }

 private:
  std::mutex mutex_;
  std::map<oci::Digest, std::pair<Step, std::uint64_t>> last_;
  std::vector<std::string> warnings_;
};

class ImageTest : public testing::Test, protected ImageRegistry {
 protected:
  ImageTest() {
    write_hosts("");
    reopen_store();
    ClientOptions options;
    options.paths.hosts_dirs = {dir_.path() + "/hosts"};
    options.retry.attempts = 3;
    options.timeouts = {Milliseconds{60'000}, Milliseconds{60'000}, Milliseconds{60'000}};
    client_ = std::make_unique<Client>(make_network_transport(), make_fixed_credential({}),
                                       std::make_unique<FakeClock>(), options);
  }

  void reopen_store() {
    store_.reset();
    StoreOptions options;
    options.budget.free_bytes = 0;
    options.squash_ids = ::geteuid() != 0;
    auto opened = Store::open(root(), options);
    if (!opened) throw std::runtime_error(opened.error().message());
    store_ = *std::move(opened);
  }
  void write_hosts(const std::string& text) {
    dir_.write("hosts/" + hosts_file(), hosts_text(text));
  }

  std::string root() const { return dir_.path() + "/store"; }
  Store& store() { return *store_; }
  Result<Pulled> pull(const std::string& rest, const PullOptions& options = {},
                      std::stop_token stop = {}) {
    const Reference reference = NACRE_TRY(Reference::parse(name(rest)));
    return registry::pull(*client_, *store_, reference, options, &listener_, stop);
  }

  // Every blob has its bytes, every layer is unpacked, and the records say so.
  void expect_complete(const PublishedImage& image) {
    for (const auto& layer : image.layers) {
      const auto info = store_->find_layer(layer.diff_id);
      ASSERT_TRUE(info && *info) << layer.diff_id.text();
      EXPECT_NE((*info)->state, LayerState::kStaged);
      EXPECT_TRUE(store_->open_layer(layer.diff_id));
      EXPECT_EQ(*store_->read_document(layer.descriptor.digest, 1U << 28U), layer.blob);
    }
    EXPECT_TRUE((*store_->find_blob(image.config.digest)).has_value());
    // Nothing of it goes when what nobody needs is collected.
    ASSERT_TRUE(store_->collect());
    EXPECT_TRUE((*store_->find_blob(image.manifest.digest)).has_value());
    for (const auto& layer : image.layers)
      EXPECT_TRUE((*store_->find_layer(layer.diff_id)).has_value());
  }

  TempDir dir_;
  RecordingListener listener_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Store> store_;
};

}  // namespace nacre::images::registry::test
