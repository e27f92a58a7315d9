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
#include "tests/unit/images_registry/registry_double.h"
#include "tests/unit/images_registry/support.h"
#include "tests/unit/images_store/samples.h"

namespace nacre::images::registry::test {

struct PublishedImage {
  oci::Descriptor manifest, config;
  std::vector<images::test::SampleLayer> layers;
};

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

class ImageTest : public testing::Test {
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
  // The server itself always stands behind the hosts of `text`, in plain HTTP.
  void write_hosts(const std::string& text) {
    dir_.write("hosts/127.0.0.1_" + std::to_string(server_.port()) + "_/hosts.toml",
               "server = \"" + server_.url() + "\"\n" + text);
  }

  std::string root() const { return dir_.path() + "/store"; }
  Store& store() { return *store_; }
  std::string name(const std::string& rest) const { return server_.host() + "/" + rest; }
  Result<Pulled> pull(const std::string& rest, const PullOptions& options = {},
                      std::stop_token stop = {}) {
    const Reference reference = NACRE_TRY(Reference::parse(name(rest)));
    return registry::pull(*client_, *store_, reference, options, &listener_, stop);
  }

  PublishedImage sample(const std::string& repository, const std::string& tag, int layers) {
    std::vector<images::test::SampleLayer> list;
    for (int i = 0; i < layers; ++i)
      list.push_back(images::test::sample_layer(repository + tag + std::to_string(i)));
    return publish(repository, tag, list);
  }
  PublishedImage publish(const std::string& repository, const std::string& tag,
                         std::vector<images::test::SampleLayer> layers,
                         const std::string& architecture = oci::host_platform().architecture) {
    PublishedImage out;
    std::string diff_ids, list;
    for (const auto& layer : layers) {
      diff_ids += (diff_ids.empty() ? "\"" : ",\"") + layer.diff_id.text() + "\"";
      list += (list.empty() ? "" : ",") + json_of(layer.descriptor);
      registry_.add_blob(repository, layer.blob);
    }
    const std::string config =
        "{\"architecture\":\"" + architecture +
        "\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diff_ids + "]}}";
    registry_.add_blob(repository, config);
    out.config = descriptor_of(config, "application/vnd.oci.image.config.v1+json");
    const std::string manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"application/"
        "vnd.oci.image.manifest.v1+json\",\"config\":" +
        json_of(out.config) + ",\"layers\":[" + list + "]}";
    out.manifest = descriptor_of(manifest, "application/vnd.oci.image.manifest.v1+json");
    registry_.add_manifest(repository, tag, out.manifest.media_type, manifest);
    out.layers = std::move(layers);
    return out;
  }
  oci::Descriptor publish_index(const std::string& repository, const std::string& tag,
                                const std::vector<std::pair<PublishedImage, std::string>>& images) {
    std::string list;
    for (const auto& [image, architecture] : images) {
      std::string one = json_of(image.manifest);
      one.insert(one.size() - 1,
                 ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}");
      list += (list.empty() ? "" : ",") + one;
    }
    return add_index(repository, tag, list);
  }
  oci::Descriptor publish_nested_index(const std::string& repository, const std::string& tag,
                                       const oci::Descriptor& inner) {
    return add_index(repository, tag, json_of(inner));
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
  RegistryDouble registry_;
  ScriptServer server_{[this](const SeenRequest& request) { return registry_.answer(request); }};
  RecordingListener listener_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Store> store_;

 private:
  static std::string json_of(const oci::Descriptor& one) {
    return "{\"mediaType\":\"" + one.media_type + "\",\"digest\":\"" + one.digest.text() +
           "\",\"size\":" + std::to_string(one.size) + "}";
  }
  oci::Descriptor add_index(const std::string& repository, const std::string& tag,
                            const std::string& list) {
    const std::string type = "application/vnd.oci.image.index.v1+json";
    const std::string index =
        "{\"schemaVersion\":2,\"mediaType\":\"" + type + "\",\"manifests\":[" + list + "]}";
    registry_.add_manifest(repository, tag, type, index);
    return descriptor_of(index, type);
  }
};

}  // namespace nacre::images::registry::test
