// A registry on loopback, a worker that pulls from it, and what has to hold whatever happened.
#pragma once

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/faults/store/fixture.h"
#include "tests/unit/images_registry/image_registry.h"

namespace nacre::images::test {

using registry::test::PublishedImage;

template <class Base>
class WithRegistry : public Base, protected registry::test::ImageRegistry {
 protected:
  void SetUp() override {
    Base::SetUp();
    if (this->IsSkipped()) return;
    std::string pattern = temporary_folder() / "nacre-images-hosts.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    hosts_ = pattern;
    std::filesystem::create_directory((hosts_ / hosts_file()).parent_path());
    std::ofstream(hosts_ / hosts_file()) << hosts_text("");
  }
  void TearDown() override {
    if (!hosts_.empty()) std::filesystem::remove_all(hosts_);
    Base::TearDown();
  }

  [[nodiscard]] nacre::test::Command images_worker(const std::string& root,
                                                   std::vector<std::string> args) const {
    args.insert(args.begin(), {NACRE_IMAGES_WORKER, root});
    nacre::test::Command command(args);
    command.env("NACRE_WORKER_HOSTS", hosts_);
    return command;
  }
  // Pulls app:tag.
  [[nodiscard]] nacre::test::Command pull(const std::string& root, const std::string& tag) const {
    return images_worker(root, {"pull", name("app:" + tag)});
  }

  // A layer of each seed.
  PublishedImage put_up(const std::string& tag, const std::vector<std::string>& seeds,
                        int files = 5, std::size_t size = 2000) {
    std::vector<SampleLayer> layers;
    for (const std::string& seed : seeds) layers.push_back(sample_layer(seed, files, size));
    return publish("app", tag, std::move(layers));
  }

  void expect_pulled(Store& store, const std::string& root, const std::string& tag,
                     const PublishedImage& image) {
    const auto record = store.find_image(name("app:" + tag));
    ASSERT_TRUE(record && *record) << tag << " is gone";
    EXPECT_EQ((*record)->target.digest, image.manifest.digest);
    EXPECT_OK(store.read_document(image.manifest.digest, 1 << 20));
    EXPECT_OK(store.read_document(image.config.digest, 1 << 20));
    for (const SampleLayer& layer : image.layers) {
      const auto blob = store.read_document(layer.descriptor.digest, 64 << 20);
      ASSERT_TRUE(blob) << error_of(blob);
      EXPECT_TRUE(*blob == layer.blob);
      EXPECT_OK(store.open_layer(layer.diff_id));
      EXPECT_EQ(names_in(root, layer), names_of(layer));
    }
  }
  // All of it or nothing.
  void expect_pulled_or_absent(Store& store, const std::string& root, const std::string& tag,
                               const PublishedImage& image) {
    const auto record = store.find_image(name("app:" + tag));
    ASSERT_OK(record);
    if (*record) expect_pulled(store, root, tag, image);
  }

  // How often a blob was asked for, from the request with this number on.
  [[nodiscard]] int fetches(const oci::Digest& blob, std::size_t since) const {
    const auto seen = server_.seen();
    return static_cast<int>(
        std::count_if(seen.begin() + static_cast<std::ptrdiff_t>(std::min(since, seen.size())),
                      seen.end(), [&](const registry::test::SeenRequest& one) {
                        return one.method == "GET" && one.path.ends_with("/blobs/" + blob.text());
                      }));
  }
  [[nodiscard]] std::size_t requests() const { return server_.seen().size(); }

  // Runs a pull that has to succeed and must not ask for a blob that the store has.
  void expect_the_next_pull_goes_on(const std::string& root, const std::string& tag,
                                    const PublishedImage& image) {
    std::set<std::string> there;
    {
      const auto store = this->open(root);
      ASSERT_NE(store, nullptr);
      const auto blobs = store->blobs();
      ASSERT_OK(blobs);
      for (const BlobInfo& blob : *blobs) there.insert(blob.digest.text());
    }
    const std::size_t since = requests();
    expect_the_next_pull_works(root, tag, image);
    for (const SampleLayer& layer : image.layers) {
      if (!there.contains(layer.descriptor.digest.text())) continue;
      EXPECT_EQ(fetches(layer.descriptor.digest, since), 0) << "a layer's blob that is there";
    }
  }
  void expect_the_next_pull_works(const std::string& root, const std::string& tag,
                                  const PublishedImage& image) {
    const nacre::test::Outcome outcome = pull(root, tag).run();
    ASSERT_TRUE(outcome.ok()) << describe(outcome);
    const auto store = this->open(root);
    ASSERT_NE(store, nullptr);
    expect_pulled(*store, root, tag, image);
    this->expect_sound(*store, root);
    expect_pulled(*store, root, tag, image);
  }

  std::filesystem::path hosts_;

 private:
  static std::set<std::string> names_in(const std::string& root, const SampleLayer& layer) {
    std::set<std::string> names;
    const std::string folder = root + "/layers/" + std::string(layer.diff_id.hex()) + "/fs/etc";
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      names.insert(entry.path().filename());
    }
    EXPECT_FALSE(error) << folder << ": " << error.message();
    return names;
  }
  // By the headers of the archive, as samples.h makes them.
  static std::set<std::string> names_of(const SampleLayer& layer) {
    std::set<std::string> names;
    for (std::size_t at = 0; at < layer.plain.size() && layer.plain[at] != '\0';) {
      const std::string path = layer.plain.c_str() + at;
      const std::size_t size = std::stoul(layer.plain.substr(at + 124, 11), nullptr, 8);
      if (!path.ends_with('/')) names.insert(path.substr(path.rfind('/') + 1));
      at += 512 + (size + 511) / 512 * 512;
    }
    return names;
  }
};

// With an image that was pulled before, and one that is to be.
class ImagesFaultTest : public WithRegistry<StoreFaultTest> {
 protected:
  void forget_new() {
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    static_cast<void>(store->remove_image(name("app:new")));  // it may not be there
    EXPECT_OK(store->collect());
    EXPECT_OK(store->empty_trash({}));
    // Unfinished blobs are kept for a day.
    for (const auto& entry : std::filesystem::directory_iterator(root() + "/ingest")) {
      std::filesystem::remove(entry.path());
    }
  }

  PublishedImage kept_, new_;
};

}  // namespace nacre::images::test
