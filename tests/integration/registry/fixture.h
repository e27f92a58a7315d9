// A registry of Debian's, two stores, and a client between them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "images/registry/pages.h"
#include "images/registry/pull.h"
#include "images/registry/push.h"
#include "images/store/store.h"
#include "tests/integration/registry/docker_registry.h"
#include "tests/unit/images_registry/support.h"
#include "tests/unit/images_store/samples.h"

namespace nacre::images::registry::test {

struct StoredImage {
  oci::Descriptor manifest, config;
  std::vector<images::test::SampleLayer> layers;
};

class RegistryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!DockerRegistry::is_installed()) GTEST_SKIP() << "docker-registry is not installed";
    start({.folder = folder_.path()});
    here_ = open_store("here");
    there_ = open_store("there");
  }

  void start(const RegistryOptions& options) {
    registry_ = std::make_unique<DockerRegistry>(options);
  }
  std::unique_ptr<Store> open_store(const std::string& name) const {
    StoreOptions options;
    options.budget.free_bytes = 0;
    options.squash_ids = ::geteuid() != 0;
    auto opened = Store::open(folder_.path() + "/" + name, options);
    if (!opened) throw std::runtime_error(opened.error().message());
    return *std::move(opened);
  }
  // Without any configuration, as somebody who has just started a registry on his machine.
  std::unique_ptr<Client> client(Credential credential = {}, ConfigPaths paths = {}) const {
    return std::make_unique<Client>(make_network_transport(),
                                    make_fixed_credential(std::move(credential)),
                                    make_system_clock(), ClientOptions{.paths = std::move(paths)});
  }
  Reference reference(const std::string& rest) const {
    return *Reference::parse(registry_->host() + "/" + rest);
  }

  Result<Pushed> push(const StoredImage& image, const std::string& to,
                      const PushOptions& options = {}) {
    return registry::push(*client(), *here_, image.manifest, reference(to), options, nullptr, {});
  }
  Result<Pulled> pull(const std::string& from) {
    return registry::pull(*client(), *there_, reference(from), {}, nullptr, {});
  }

  // An image that exists nowhere but in the first store.
  StoredImage make_image(std::vector<images::test::SampleLayer> layers) {
    const auto lease = here_->lease();
    StoredImage out;
    std::string diff_ids, list;
    for (const auto& layer : layers) {
      if (!images::test::put_blob(*here_, *lease, layer.descriptor, layer.blob))
        throw std::runtime_error("blob");
      diff_ids += (diff_ids.empty() ? "\"" : ",\"") + layer.diff_id.text() + "\"";
      list += (list.empty() ? "" : ",") + json_of(layer.descriptor);
    }
    out.config = *here_->put_document(
        *lease, "application/vnd.oci.image.config.v1+json",
        "{\"architecture\":\"" + oci::host_platform().architecture +
            "\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diff_ids +
            "]}}");
    out.manifest = *here_->put_document(*lease, "application/vnd.oci.image.manifest.v1+json",
                                        "{\"schemaVersion\":2,\"mediaType\":\"application/"
                                        "vnd.oci.image.manifest.v1+json\",\"config\":" +
                                            json_of(out.config) + ",\"layers\":[" + list + "]}");
    std::vector<oci::Digest> blobs = {out.config.digest};
    for (const auto& layer : layers) blobs.push_back(layer.descriptor.digest);
    if (!here_->set_references(out.manifest.digest, blobs, {}) ||
        !here_->put_image("sample", out.manifest))
      throw std::runtime_error("image");
    out.layers = std::move(layers);
    return out;
  }
  static std::string json_of(const oci::Descriptor& one) {
    return "{\"mediaType\":\"" + one.media_type + "\",\"digest\":\"" + one.digest.text() +
           "\",\"size\":" + std::to_string(one.size) + "}";
  }
  void expect_there(const StoredImage& image) {
    for (const auto& layer : image.layers) {
      EXPECT_TRUE(there_->open_layer(layer.diff_id));
      EXPECT_EQ(*there_->read_document(layer.descriptor.digest, 1U << 30U), layer.blob);
    }
    EXPECT_TRUE((*there_->find_blob(image.manifest.digest)).has_value());
  }

  TempDir folder_;
  std::unique_ptr<DockerRegistry> registry_;
  std::unique_ptr<Store> here_, there_;
};

}  // namespace nacre::images::registry::test
