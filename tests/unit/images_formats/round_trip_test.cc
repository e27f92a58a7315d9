// What is written is read, and written again is the same bytes.
#include <fcntl.h>

#include <fstream>

#include "images/compose/compose.h"
#include "images/stream/memory.h"
#include "oci-spec/image/docker_archive.h"
#include "tests/unit/images_formats/samples.h"

namespace nacre::images {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::ElementsAre;
using testing::HasSubstr;

const char* const kName = "docker.io/library/app:1";

class RoundTripTest : public FormatsTest {
 protected:
  SaveImage put(LayoutSample& layout, const oci::Descriptor& target, const std::string& name) {
    layout.named(target, name);
    EXPECT_OK(load_file(layout.tar()));
    return saved(name);
  }
  SaveImage saved(const std::string& name) {
    const auto image = *store().find_image(name);
    return {.names = {name}, .target = image->target};
  }
  std::string save(const std::vector<SaveImage>& images, const SaveOptions& options = {}) {
    MemorySink sink;
    const auto done = save_archive(store(), images, sink, options, nullptr, {});
    EXPECT_OK(done);
    return sink.take();
  }
  void start_over() {
    store_.reset();
    std::filesystem::remove_all(root());
    open();
  }
  sys::DirFd folder(const std::string& name) const {
    std::filesystem::create_directory(work_ / name);
    return sys::DirFd(::open((work_ / name).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
};

TEST_F(RoundTripTest, AnArchiveIsTheSameAgain) {
  LayoutSample layout;
  const std::vector<SampleLayer> layers = {sample_layer("a"), sample_layer("b", 3, 100'000)};
  const auto image = put(layout, layout.image(layers), kName);
  const std::string first = save({image});
  EXPECT_EQ(save({image}), first);
  start_over();
  const auto loaded = load_pipe(first);
  ASSERT_OK(loaded);
  EXPECT_THAT(loaded->front().names, ElementsAre(kName));
  EXPECT_EQ(loaded->front().target.digest, image.target.digest);
  expect_layers(layers);
  EXPECT_EQ(save({saved(kName)}), first);
  expect_sound();
}

// As a Docker that knows no layouts would read it.
TEST_F(RoundTripTest, ItIsADockerArchiveToo) {
  LayoutSample layout;
  const std::vector<SampleLayer> layers = {sample_layer("a"), sample_layer("b")};
  const auto image = put(layout, layout.image(layers), kName);
  std::string bytes = save({image});
  // The reader looks for this name.
  bytes.replace(bytes.find("oci-layout"), 10, "xci-layout");
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < 512; ++i)
    sum += i >= 148 && i < 156 ? std::uint64_t{' '} : static_cast<unsigned char>(bytes[i]);
  std::snprintf(bytes.data() + 148, 8, "%06lo", static_cast<unsigned long>(sum));
  bytes[155] = ' ';
  start_over();
  const auto loaded = load_file(bytes);
  ASSERT_OK(loaded);
  EXPECT_THAT(loaded->front().names, ElementsAre(kName));
  EXPECT_EQ(loaded->front().target.digest, image.target.digest);
  expect_layers(layers);
}

TEST_F(RoundTripTest, SeveralImagesAndNames) {
  LayoutSample layout;
  const auto a = layout.image({sample_layer("a"), sample_layer("shared")});
  const auto b = layout.image({sample_layer("b"), sample_layer("shared")});
  layout.named(a, "a:1").named(a, "a:2").named(b, "b:1");
  const auto loaded = load_file(layout.tar());
  ASSERT_OK(loaded);
  std::vector<SaveImage> images;
  for (const auto& one : *loaded) images.push_back({.names = one.names, .target = one.target});
  const std::string bytes = save(images);
  start_over();
  const auto again = load_file(bytes);
  ASSERT_OK(again);
  EXPECT_EQ(again->size(), 2U);
  EXPECT_EQ(store().images()->size(), 3U);
}

TEST_F(RoundTripTest, Platforms) {
  LayoutSample layout;
  const std::vector<SampleLayer> ours = {sample_layer("ours")}, arm = {sample_layer("arm")};
  const auto other = layout.image(arm, {.architecture = "riscv64", .os = "linux"});
  const auto image = put(layout, layout.index({other, layout.image(ours)}), kName);
  const std::string everything = save({image});
  const SaveOptions one{.platform = oci::Platform{.architecture = "riscv64", .os = "linux"}};
  const std::string chosen = save({image}, one);
  EXPECT_LT(chosen.size(), everything.size());
  start_over();
  ASSERT_OK(load_file(everything));
  EXPECT_TRUE(has_blob(arm.front().descriptor.digest));
  start_over();
  ASSERT_OK(load_file(chosen));
  EXPECT_EQ(saved(kName).target.digest, other.digest);
  MemorySink sink;
  const auto refused = save_archive(
      store(), {saved(kName)}, sink,
      {.platform = oci::Platform{.architecture = "s390x", .os = "linux"}}, nullptr, {});
  // A manifest by itself is taken as it is.
  EXPECT_OK(refused);
}

TEST_F(RoundTripTest, WhatIsNotHere) {
  MemorySink sink;
  oci::Descriptor nowhere;
  nowhere.media_type = "application/vnd.oci.image.manifest.v1+json";
  nowhere.digest = digest_of("nowhere");
  nowhere.size = 7;
  const auto saving = [&](const std::vector<SaveImage>& images) {
    return save_archive(store(), images, sink, {}, nullptr, {});
  };
  EXPECT_EQ(code_of(saving({{.names = {kName}, .target = nowhere}})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(saving({})), ErrorCode::kInvalidArgument);
}

TEST_F(RoundTripTest, ADamagedBlobIsNotCopied) {
  LayoutSample layout;
  const auto layer = sample_layer("a");
  const auto image = put(layout, layout.image({layer}), kName);
  const auto path = blob_path(layer.descriptor.digest);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary) << "damage";
  MemorySink sink;
  EXPECT_THAT(error_of(save_archive(store(), {image}, sink, {}, nullptr, {})),
              HasSubstr("is damaged"));
}

TEST_F(RoundTripTest, Folders) {
  LayoutSample layout;
  const std::vector<SampleLayer> layers = {sample_layer("a"), sample_layer("b")};
  const auto image = put(layout, layout.image(layers), kName);
  LayoutSample second;
  const auto other = put(second, second.image({sample_layer("c")}), "docker.io/library/other:1");
  const auto out = folder("layout");
  ASSERT_OK(save_layout(store(), {image}, out, {}, nullptr, {}));
  ASSERT_OK(save_layout(store(), {other}, out, {}, nullptr, {}));
  ASSERT_OK(save_layout(store(), {image}, out, {}, nullptr, {}));
  start_over();
  const auto loaded = load_layout(store(), out, "layout", {}, nullptr, {});
  ASSERT_OK(loaded);
  EXPECT_EQ(loaded->size(), 2U);
  expect_layers(layers);
  expect_sound();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(work_ / "layout"))
    EXPECT_THAT(entry.path().filename().string(), testing::Not(HasSubstr("unfinished")));
}

TEST_F(RoundTripTest, FoldersOfOthers) {
  LayoutSample layout;
  const auto image = put(layout, layout.image({sample_layer("a")}), kName);
  const auto out = folder("home");
  std::ofstream(work_ / "home/letter") << "dear";
  EXPECT_THAT(error_of(save_layout(store(), {image}, out, {}, nullptr, {})),
              HasSubstr("\"letter\""));
  const auto linked = folder("linked");
  std::filesystem::create_directory(work_ / "elsewhere");
  std::filesystem::create_directory_symlink(work_ / "elsewhere", work_ / "linked/blobs");
  EXPECT_FALSE(save_layout(store(), {image}, linked, {}, nullptr, {}).has_value());
  EXPECT_TRUE(std::filesystem::is_empty(work_ / "elsewhere"));
}

TEST_F(RoundTripTest, NoLinkLeadsOutOfAFolder) {
  LayoutSample layout;
  const auto image = put(layout, layout.image({sample_layer("a")}), kName);
  const auto out = folder("layout");
  ASSERT_OK(save_layout(store(), {image}, out, {}, nullptr, {}));
  std::filesystem::rename(work_ / "layout/index.json", work_ / "index.json");
  std::filesystem::create_symlink("../index.json", work_ / "layout/index.json");
  EXPECT_THAT(error_of(load_layout(store(), out, "layout", {}, nullptr, {})),
              HasSubstr("leads out"));
}

TEST_F(RoundTripTest, ALayerOnTwoThreads) {
  const auto keep = lease();
  const SampleLayer sample = sample_layer("a", 3, 300'000);
  for (const auto kind :
       {oci::Compression::kNone, oci::Compression::kGzip, oci::Compression::kZstd}) {
    const auto write = [&](Sink& out) { return out.write(as_bytes(sample.plain)); };
    const auto layer = make_layer_blob(store(), keep, write, {.kind = kind});
    ASSERT_OK(layer);
    EXPECT_EQ(layer->diff_id, sample.diff_id);
    EXPECT_EQ(layer->bytes, sample.plain.size());
    EXPECT_EQ((*store().find_blob(layer->blob.digest))->size, layer->blob.size);
    const auto again = make_layer_blob(store(), keep, write, {.kind = kind});
    ASSERT_OK(again);
    EXPECT_EQ(again->blob, layer->blob);
    ASSERT_OK(store().unpack(keep, layer->blob, layer->diff_id, {}));
  }
  const auto broken = [](Sink& out) -> Result<void> {
    NACRE_TRY(out.write(as_bytes("begun")));
    return fail(invalid_argument("no more"));
  };
  EXPECT_EQ(error_of(make_layer_blob(store(), keep, broken, {})), "no more");
  EXPECT_EQ(count_in("ingest"), 0U);
}

TEST_F(RoundTripTest, WhatAnImageIsMadeOf) {
  const auto keep = lease();
  const SampleLayer sample = sample_layer("a");
  oci::ImageConfig config;
  config.platform = oci::host_platform();
  config.rootfs.diff_ids = {sample.diff_id};
  EXPECT_EQ(code_of(compose_image(store(), keep, config, {sample.descriptor})),
            ErrorCode::kNotFound);
  ASSERT_OK(put_blob(store(), keep, sample.descriptor, sample.blob));
  oci::Descriptor layer = sample.descriptor;
  layer.media_type = oci::media::kLayerGzip;
  EXPECT_EQ(code_of(compose_image(store(), keep, config, {layer, layer})),
            ErrorCode::kInvalidArgument);
  const auto image = compose_image(store(), keep, config, {layer});
  ASSERT_OK(image);
  EXPECT_EQ(compose_image(store(), keep, config, {layer})->manifest, image->manifest);
  ASSERT_OK(store().put_image(kName, image->manifest));
}

}  // namespace
}  // namespace nacre::images
