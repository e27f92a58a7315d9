// What is read, in all the forms that there are.
#include "tests/unit/images_formats/samples.h"

#include "images/formats/names.h"
#include "oci-spec/image/media_types.h"

namespace nacre::images {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const char* const kName = "docker.io/library/app:1";

std::vector<SampleLayer> two_layers() { return {sample_layer("a"), sample_layer("b", 5, 5000)}; }

class LoadTest : public FormatsTest {
 protected:
  // From a file and, into the same store, from a pipe and compressed.
  void expect_loads(const std::string& bytes, const std::vector<SampleLayer>& layers) {
    const auto loaded = load_file(bytes);
    ASSERT_OK(loaded);
    ASSERT_EQ(loaded->size(), 1U);
    EXPECT_THAT(loaded->front().names, ElementsAre(kName));
    expect_layers(layers);
    const auto image = *store().find_image(kName);
    ASSERT_TRUE(image.has_value());
    EXPECT_EQ(image->target.digest, loaded->front().target.digest);
    expect_sound();
    const std::string before = records();

    for (const bool compressed : {false, true}) {
      start_over();
      const auto piped = compressed ? load_file(gzip(bytes)) : load_pipe(bytes);
      ASSERT_OK(piped);
      EXPECT_EQ(piped->front().target.digest, loaded->front().target.digest);
      expect_layers(layers);
      expect_sound();
      EXPECT_EQ(records(), before) << compressed;
    }
    // Nothing of it goes when nobody holds it but its name.
    ASSERT_OK(store().collect());
    EXPECT_EQ(records(), before);
    expect_sound();
  }
  void start_over() {
    store_.reset();
    std::filesystem::remove_all(root());
    open();
  }
};

TEST_F(LoadTest, LayoutArchive) {
  LayoutSample layout;
  const auto layers = two_layers();
  layout.named(layout.image(layers), kName);
  expect_loads(layout.tar(), layers);
}

TEST_F(LoadTest, DockerOneFolderForEachLayer) {
  auto layers = two_layers();
  layers.push_back(layers.front());  // a link to the first one's
  expect_loads(archive::archive(docker_archive(layers, R"(["app:1"])", DockerForm::kDocker)),
               layers);
}

TEST_F(LoadTest, DockerArchiveOfPodman) {
  const auto layers = two_layers();
  expect_loads(archive::archive(
                   docker_archive(layers, R"(["docker.io/library/app:1"])", DockerForm::kPodman)),
               layers);
}

TEST_F(LoadTest, DockerArchiveWithCompressedLayers) {
  const auto layers = two_layers();
  expect_loads(archive::archive(docker_archive(layers, R"(["app:1"])", DockerForm::kCompressed)),
               layers);
  const auto image = *store().find_image(kName);
  const auto manifest = oci::parse_manifest(*store().read_document(image->target.digest, 1 << 20),
                                            oci::media::kManifest);
  ASSERT_OK(manifest);
  EXPECT_EQ(manifest->layers[0].digest, layers[0].descriptor.digest);
  EXPECT_EQ(manifest->layers[0].media_type, oci::media::kLayerGzip);
}

TEST_F(LoadTest, BothIsALayout) {
  LayoutSample layout;
  const auto layers = two_layers();
  layout.named(layout.image(layers), kName);
  auto members = layout.members();
  members.push_back(archive::file("manifest.json", "not looked at"));
  ASSERT_OK(load_file(archive::archive(members)));
}

TEST_F(LoadTest, LargeMembersOfAPipe) {
  const std::vector<SampleLayer> layers = {sample_layer("large", 3, 2'000'000), sample_layer("b")};
  expect_loads(archive::archive(docker_archive(layers, R"(["app:1"])", DockerForm::kDocker)),
               layers);
}

TEST_F(LoadTest, TheImageOfAPlatform) {
  LayoutSample layout;
  const std::vector<SampleLayer> ours = {sample_layer("ours")}, arm = {sample_layer("arm")};
  const auto other = layout.image(arm, {.architecture = "riscv64", .os = "linux"});
  const auto inner = layout.index({layout.image(ours)});
  const auto index = layout.index({other, inner});
  layout.named(index, kName);
  const auto loaded = load_file(layout.tar());
  ASSERT_OK(loaded);
  EXPECT_EQ(loaded->front().target.digest, index.digest);
  expect_layers(ours);
  // The other one is here as blobs, and stays.
  ASSERT_OK(store().collect());
  EXPECT_TRUE(has_blob(arm.front().descriptor.digest));
  EXPECT_FALSE(store().find_layer(arm.front().diff_id)->has_value());

  const auto asked = load_file(
      layout.tar(), {.platform = oci::Platform{.architecture = "riscv64", .os = "linux"}});
  ASSERT_OK(asked);
  EXPECT_EQ(asked->front().manifest.digest, other.digest);
  expect_layers(arm);
  EXPECT_EQ(code_of(load_file(layout.tar(),
                              {.platform = oci::Platform{.architecture = "s390x", .os = "linux"}})),
            ErrorCode::kNotFound);
}

TEST_F(LoadTest, OtherPlatformsMayBeMissing) {
  LayoutSample layout;
  const std::vector<SampleLayer> ours = {sample_layer("ours")}, arm = {sample_layer("arm")};
  const auto other = layout.image(arm, {.architecture = "riscv64", .os = "linux"});
  layout.named(layout.index({other, layout.image(ours)}), kName);
  layout.blobs.erase("blobs/sha256/" + std::string(other.digest.hex()));
  ASSERT_OK(load_file(layout.tar()));
  expect_layers(ours);
}

TEST_F(LoadTest, DocumentsOfDocker) {
  LayoutSample layout;
  const std::vector<SampleLayer> layers = {sample_layer("a")};
  oci::Manifest manifest;
  manifest.media_type = oci::media::kDockerManifest;
  manifest.config = layout.blob(config_json(layers), oci::media::kDockerConfig);
  manifest.layers = {layout.blob(layers.front().blob, oci::media::kDockerLayerGzip)};
  auto target = layout.manifest(manifest);
  target.platform = oci::Platform{.architecture = oci::host_platform().architecture, .os = "linux"};
  oci::Index list;
  list.media_type = oci::media::kDockerManifestList;
  list.manifests = {target};
  layout.named(layout.blob(oci::to_json(list), oci::media::kDockerManifestList), kName);
  ASSERT_OK(load_file(layout.tar()));
  expect_layers(layers);
}

TEST_F(LoadTest, Names) {
  LayoutSample layout;
  const auto image = layout.image({sample_layer("a")});
  const std::string ref_name(oci::annotation::kRefName);
  layout.named(image, kName);
  layout.entry(image, {{ref_name, "example.com/team/app:2"}});
  layout.entry(image, {{ref_name, "only-a-tag"}});
  const auto loaded = load_file(layout.tar());
  ASSERT_OK(loaded);
  ASSERT_EQ(loaded->size(), 1U);
  EXPECT_THAT(loaded->front().names, ElementsAre(kName, "example.com/team/app:2"));
  // The annotations of the archive are not the image's.
  EXPECT_THAT((*store().find_image(kName))->target.annotations, IsEmpty());

  const auto renamed = load_file(layout.tar(), {.name = "other"});
  ASSERT_OK(renamed);
  EXPECT_THAT(renamed->front().names, ElementsAre("docker.io/library/other:latest"));
}

TEST_F(LoadTest, ANameForTwoImages) {
  LayoutSample layout;
  layout.entry(layout.image({sample_layer("a")}));
  layout.entry(layout.image({sample_layer("b")}));
  const auto unnamed = load_file(layout.tar());
  ASSERT_OK(unnamed);
  EXPECT_EQ(unnamed->size(), 2U);
  EXPECT_THAT(error_of(load_file(layout.tar(), {.name = "app"})), HasSubstr("there are 2 images"));
}

TEST_F(LoadTest, WithoutUnpacking) {
  LayoutSample layout;
  const auto layers = two_layers();
  layout.named(layout.image(layers), kName);
  ASSERT_OK(load_file(layout.tar(), {.unpack = false}));
  EXPECT_THAT(*store().layers(), IsEmpty());
  EXPECT_TRUE(has_blob(layers.front().descriptor.digest));
}

TEST_F(LoadTest, BlobsThatAreHereNeedNotBeInIt) {
  LayoutSample layout;
  const auto layers = two_layers();
  layout.named(layout.image(layers), kName);
  ASSERT_OK(load_file(layout.tar()));
  layout.blobs.erase("blobs/sha256/" + std::string(layers.front().descriptor.digest.hex()));
  ASSERT_OK(load_file(layout.tar()));
}

TEST_F(LoadTest, WhatIsThereIsNotReadAgain) {
  LayoutSample layout;
  const auto layers = two_layers();
  layout.named(layout.image(layers), kName);
  ASSERT_OK(load_file(layout.tar()));
  struct Steps final : ProgressListener {
    void resolved(const oci::Descriptor&) override {}
    void blobs(const std::vector<oci::Descriptor>& list) override { announced = list.size(); }
    void blob(const BlobProgress& progress) override {
      if (progress.step == Step::kTransfer) ++transfers;
      if (progress.step == Step::kWasThere) ++there;
    }
    void warning(const std::string&) override {}
    std::size_t announced = 0;
    std::atomic<std::size_t> transfers = 0, there = 0;
  } steps;
  ASSERT_OK(load_file(layout.tar(), {}, &steps));
  EXPECT_EQ(steps.announced, layers.size());
  EXPECT_EQ(steps.there.load(), layers.size());
  EXPECT_EQ(steps.transfers.load(), 0U);
}

}  // namespace
}  // namespace nacre::images
