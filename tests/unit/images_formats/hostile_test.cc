// Archives that are not what they say: each is an error that names the place, and leaves the
// records as they were.
#include "oci-spec/image/layout.h"
#include "oci-spec/image/media_types.h"
#include "tests/unit/images_formats/samples.h"

namespace nacre::images {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::AnyOf;
using testing::HasSubstr;

class HostileTest : public FormatsTest {
 protected:
  // Read from a file, and from a pipe. A pipe may have brought whole blobs, which nobody keeps.
  void expect_refused(const std::string& bytes, const std::string& words,
                      ErrorCode code = ErrorCode::kInvalidArgument) {
    const std::string before = records();
    const auto loaded = load_file(bytes);
    EXPECT_THAT(error_of(loaded), HasSubstr(words));
    EXPECT_THAT(error_of(loaded), HasSubstr("archive"));
    EXPECT_EQ(code_of(loaded), code) << error_of(loaded);
    collect();
    EXPECT_EQ(records(), before);
    const auto piped = load_pipe(bytes);
    EXPECT_EQ(code_of(piped), code) << error_of(piped);
    EXPECT_THAT(error_of(piped), HasSubstr(words));
    collect();
    EXPECT_EQ(records(), before);
    expect_sound();
  }
  void expect_refused(const Members& members, const std::string& words,
                      ErrorCode code = ErrorCode::kInvalidArgument) {
    expect_refused(archive::archive(members), words, code);
  }
  void collect() { ASSERT_OK(store().collect()); }

  std::vector<SampleLayer> layers_ = {sample_layer("a"), sample_layer("b")};
};

// The layout of one image, to be spoilt.
struct One {
  explicit One(const std::vector<SampleLayer>& layers) : image(layout.image(layers)) {
    layout.named(image, "app:1");
  }
  LayoutSample layout;
  oci::Descriptor image;
};

TEST_F(HostileTest, MembersThatLeadOut) {
  const Members good = One(layers_).layout.members();
  for (const char* path : {"../evil", "/etc/passwd", "blobs/../../evil"}) {
    auto members = good;
    members.push_back(archive::file(path, "x"));
    expect_refused(members, "leads out of the archive");
  }
  auto members = good;
  members.push_back(archive::symlink("link", "../../etc/passwd"));
  expect_refused(members, "leads out of the archive");
}

TEST_F(HostileTest, MembersTwice) {
  auto members = One(layers_).layout.members();
  members.push_back(archive::file("./index.json", "{}"));
  expect_refused(members, "\"index.json\" is there twice");
}

TEST_F(HostileTest, LinksInCircles) {
  auto members = without(One(layers_).layout.members(), "index.json");
  members.push_back(archive::symlink("index.json", "other.json"));
  members.push_back(archive::symlink("other.json", "index.json"));
  expect_refused(members, "more than 16 links");
}

TEST_F(HostileTest, LinksToNothing) {
  auto members = without(One(layers_).layout.members(), "index.json");
  members.push_back(archive::symlink("index.json", "absent"));
  expect_refused(members, "which is not there");
}

TEST_F(HostileTest, WrongBlobs) {
  const One one(layers_);
  const std::string layer = oci::layout_path(layers_[0].descriptor.digest);
  std::string spoilt = layers_[0].blob;
  spoilt[spoilt.size() / 2] ^= 1;
  expect_refused(with(one.layout.members(), layer, spoilt), "blob \"" + layer);
  expect_refused(with(one.layout.members(), layer, layers_[0].blob + "x"), "should have");
  expect_refused(without(one.layout.members(), layer), "is missing");
}

TEST_F(HostileTest, WrongDocuments) {
  const One one(layers_);
  const std::string manifest = oci::layout_path(one.image.digest);
  expect_refused(with(one.layout.members(), manifest, std::string(one.image.size, ' ')),
                 "document " + one.image.digest.text());
  expect_refused(without(one.layout.members(), manifest), "is missing");
  const std::string config = oci::layout_path(digest_of(config_json(layers_)));
  expect_refused(without(one.layout.members(), config), "is missing");
}

TEST_F(HostileTest, WrongLists) {
  const Members good = One(layers_).layout.members();
  expect_refused(without(good, "index.json"), "index.json is missing");
  expect_refused(with(good, "index.json", "[]"), "index.json");
  expect_refused(with(good, "index.json", R"({"schemaVersion":2,"manifests":[]})"),
                 "there is no image");
  expect_refused(with(good, "oci-layout", R"({"imageLayoutVersion":"9"})"), "oci-layout",
                 ErrorCode::kUnsupported);
  expect_refused(Members{}, "neither an OCI layout");
  expect_refused(Members{archive::file("hello", "world")}, "neither an OCI layout");
  expect_refused(Members{archive::file("repositories", "{}")}, "older than 1.10",
                 ErrorCode::kUnsupported);
  const std::string huge = std::string(5U << 20U, ' ') + "{}";
  expect_refused(with(good, "index.json", huge), "", ErrorCode::kResourceExhausted);
}

TEST_F(HostileTest, AbsurdSizes) {
  LayoutSample layout;
  auto image = layout.image(layers_);
  image.size = std::uint64_t{1} << 62U;
  layout.named(image, "app:1");
  expect_refused(layout.members(), "are more than", ErrorCode::kResourceExhausted);
}

TEST_F(HostileTest, TooManyLevels) {
  LayoutSample layout;
  auto target = layout.image(layers_);
  target.platform.reset();
  for (int i = 0; i < 12; ++i) target = layout.index({target});
  layout.named(target, "app:1");
  expect_refused(layout.members(), "deep");
}

// 4096 ways at each of eight levels: nobody can wait for all of them.
TEST_F(HostileTest, TheSameIndexAnyNumberOfTimes) {
  LayoutSample layout;
  auto target = layout.image(layers_, {.architecture = "s390x", .os = "linux"});
  target.platform.reset();
  for (int i = 0; i < 7; ++i) target = layout.index(std::vector(1000, target));
  layout.named(target, "app:1");
  expect_refused(layout.members(), "nothing for platform", ErrorCode::kNotFound);
}

TEST_F(HostileTest, OtherNumbersOfLayers) {
  LayoutSample layout;
  oci::Manifest manifest;
  manifest.media_type = oci::media::kManifest;
  manifest.config = layout.blob(config_json(layers_), oci::media::kConfig);
  manifest.layers = {layout.blob(layers_[0].blob, oci::media::kLayerGzip)};
  layout.named(layout.manifest(manifest), "app:1");
  expect_refused(layout.members(), "diff_ids");
}

TEST_F(HostileTest, ALayerThatIsAnother) {
  LayoutSample layout;
  oci::Manifest manifest;
  manifest.media_type = oci::media::kManifest;
  manifest.config = layout.blob(config_json({layers_[0]}), oci::media::kConfig);
  manifest.layers = {layout.blob(layers_[1].blob, oci::media::kLayerGzip)};
  layout.named(layout.manifest(manifest), "app:1");
  expect_refused(layout.members(), "hashes to");
}

TEST_F(HostileTest, AnArtifactIsNoImage) {
  LayoutSample layout;
  oci::Manifest manifest;
  manifest.media_type = oci::media::kManifest;
  manifest.config = layout.blob("{}", oci::media::kEmpty);
  layout.named(layout.manifest(manifest), "app:1");
  expect_refused(layout.members(), "is no image but");
}

TEST_F(HostileTest, Names) {
  LayoutSample layout;
  const auto a = layout.image({layers_[0]});
  const auto b = layout.image({layers_[1]});
  layout.named(a, "app:1").named(b, "docker.io/library/app:1");
  expect_refused(layout.members(), "two images are named");
  LayoutSample promise;
  promise.named(promise.image(layers_), "app@" + digest_of("other").text());
  expect_refused(promise.members(), "the image is");
  LayoutSample bad;
  bad.named(bad.image(layers_), "Not A Name");
  expect_refused(bad.members(), "io.containerd.image.name");
}

TEST_F(HostileTest, DockerArchives) {
  const Members good = docker_archive(layers_, R"(["app:1"])", DockerForm::kPodman);
  const std::string config = std::string(digest_of(config_json(layers_)).hex()) + ".json";
  const std::string layer = std::string(layers_[0].diff_id.hex()) + ".tar";
  expect_refused(with(good, "manifest.json", "{}"), "manifest.json: ");
  expect_refused(with(good, "manifest.json", "[]"), "there is no image");
  expect_refused(with(good, "manifest.json", R"([{"Config":"../x","Layers":[]}])"), "leads out");
  expect_refused(with(good, "manifest.json", R"([{"Config":"absent","Layers":[]}])"), "missing");
  expect_refused(with(good, "manifest.json", "[{\"Config\":\"" + config + "\",\"Layers\":[]}]"),
                 "manifest.json names 0 layers");
  expect_refused(without(good, layer), "is missing");
  expect_refused(with(good, config, "{}"), "its content is");
  expect_refused(with(good, layer, layers_[1].plain), "what was received");
  expect_refused(docker_archive(layers_, R"(["../../etc:1"])", DockerForm::kPodman), "image name");
  expect_refused(docker_archive(layers_, R"(["app@sha256:1"])", DockerForm::kPodman), "image name");
  auto loop = without(good, layer);
  loop.push_back(archive::symlink(layer, layer));
  expect_refused(loop, "links");
}

TEST_F(HostileTest, CutOffAnywhere) {
  const std::string whole = One(layers_).layout.tar();
  const std::string before = records();
  // Somewhere in every block, and at every border of one; the last zeros may be missing.
  std::size_t end = whole.size();
  while (end > 0 && whole[end - 1] == '\0') --end;
  end = (end + 511) / 512 * 512;
  for (std::size_t cut = 1; cut < end; cut += 171) {
    if (cut >= end - 512) break;
    const auto loaded = load_file(whole.substr(0, cut));
    EXPECT_FALSE(loaded.has_value()) << cut;
    EXPECT_EQ(records(), before) << cut;
    if (cut % 9 == 0) {
      EXPECT_FALSE(load_pipe(whole.substr(0, cut)).has_value()) << cut;
    }
  }
  collect();
  EXPECT_EQ(records(), before);
  expect_sound();
}

TEST_F(HostileTest, SomethingBehindIt) {
  const std::string whole = One(layers_).layout.tar();
  ASSERT_OK(load_file(whole + std::string(20'000, '\0')));
  ASSERT_OK(load_pipe(whole + std::string(20'000, '\0')));
  expect_refused(whole + "more", "something else follows");
}

TEST_F(HostileTest, Compressed) {
  const std::string packed = gzip(One(layers_).layout.tar());
  EXPECT_FALSE(load_file(packed.substr(0, packed.size() / 2)).has_value());
  EXPECT_FALSE(load_file(packed + "x").has_value());
  const std::string xz(
      "\xFD"
      "7zXZ\0more than that",
      20);
  EXPECT_EQ(code_of(load_file(xz)), ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace nacre::images
