// A data root, the worker, and what has to hold whatever happened to it.
#pragma once

#include <string>
#include <vector>

#include "tests/support/command.h"
#include "tests/support/world.h"
#include "tests/unit/images_store/fixture.h"

namespace nacre::images::test {

class StoreFaultTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "unpacking with owners takes root";
    std::string pattern = temporary_folder() / "nacre-store-faults.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    work_ = pattern;
  }
  void TearDown() override {
    if (!work_.empty()) std::filesystem::remove_all(work_);
  }

  [[nodiscard]] std::string root() const { return work_ / "root"; }
  static nacre::test::Command worker(const std::string& root, std::vector<std::string> args) {
    args.insert(args.begin(), {NACRE_STORE_WORKER, root});
    return nacre::test::Command(args);
  }
  [[nodiscard]] nacre::test::Command worker(std::vector<std::string> args) const {
    return worker(root(), std::move(args));
  }

  static std::unique_ptr<Store> open(const std::string& root) {
    StoreOptions options;
    options.budget.free_bytes = 0;
    auto opened = Store::open(root, options);
    EXPECT_TRUE(opened) << error_of(opened);
    return opened ? *std::move(opened) : nullptr;
  }
  static void expect_undamaged(Store& store) {
    const auto damages = store.check({.deep = true});
    EXPECT_TRUE(damages) << error_of(damages);
    if (!damages) return;
    for (const Damage& damage : *damages) ADD_FAILURE() << damage.what << ": " << damage.problem;
  }
  // After a collection nothing lies around either.
  static void expect_sound(Store& store, const std::string& root) {
    expect_undamaged(store);
    EXPECT_OK(store.collect());
    EXPECT_OK(store.empty_trash({}));
    EXPECT_THAT(strays(store, root), testing::IsEmpty());
    expect_undamaged(store);
  }
  // The image the worker pulls under these names, byte by byte.
  static SampleImage image_of(const std::string& name, const std::vector<std::string>& seeds,
                              int files = 5, std::size_t size = 2000) {
    std::vector<SampleLayer> layers;
    for (const std::string& seed : seeds) layers.push_back(sample_layer(seed, files, size));
    return sample_image(name, std::move(layers));
  }
  static void expect_whole(Store& store, const SampleImage& image) {
    const auto record = store.find_image(image.name);
    ASSERT_TRUE(record && *record) << image.name << " is gone";
    EXPECT_EQ((*record)->target.digest, image.manifest_descriptor.digest);
    EXPECT_OK(store.read_document(image.manifest_descriptor.digest, 1 << 20));
    EXPECT_OK(store.read_document(image.config_descriptor.digest, 1 << 20));
    for (const SampleLayer& layer : image.layers) {
      const auto blob = store.read_document(layer.descriptor.digest, 64 << 20);
      ASSERT_TRUE(blob) << error_of(blob);
      EXPECT_TRUE(*blob == layer.blob);
    }
  }

  std::filesystem::path work_;
};

}  // namespace nacre::images::test
