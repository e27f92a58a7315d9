// skopeo and umoci read what is written here, and what they write is read here.
#include "tests/integration/formats/fixture.h"

namespace nacre::images {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::ElementsAre;

class PeersTest : public TreeTest {
 protected:
  void need(const std::string& program) {
    if (::access(("/usr/bin/" + program).c_str(), X_OK) != 0)
      GTEST_SKIP() << program << " is not installed";
  }
  void skopeo(const std::string& from, const std::string& to) {
    run("HOME=$PWD skopeo --insecure-policy --tmpdir \"$PWD\" copy " + from + " " + to, work());
  }
  // Of the image in a file or folder of theirs: the layer it should have is there.
  void expect_load(const std::string& path, const oci::Digest& diff_id) {
    end_lease();
    NACRE_ASSERT_OK(store().remove_image("docker.io/library/tree:1"));
    NACRE_ASSERT_OK(store().collect());
    EXPECT_TRUE(store().blobs()->empty());
    const bool folder = fs::is_directory(work() / path);
    const LoadOptions options{.name = "tree:1"};
    Result<std::vector<LoadedImage>> loaded = fail(internal_error("not run"));
    if (folder) {
      loaded = load_layout(store(), open_directory(work() / path), path, options, nullptr, {});
    } else {
      const UniqueFd file(::open((work() / path).c_str(), O_RDONLY | O_CLOEXEC));
      loaded = load_archive(store(), file, path, options, nullptr, {});
    }
    NACRE_ASSERT_OK(loaded);
    ASSERT_EQ(loaded->size(), 1U);
    const auto layer = store().open_layer(diff_id);
    NACRE_ASSERT_OK(layer);
    EXPECT_EQ(fully(path_of(*layer)), fully(work() / "tree"));
  }
};

TEST_F(PeersTest, SkopeoReadsBothKinds) {
  need("skopeo");
  if (IsSkipped()) return;
  const NewImage image = import_tree(make_tree());
  save("ours.tar");
  skopeo("oci-archive:ours.tar", "dir:from-layout");
  skopeo("docker-archive:ours.tar", "dir:from-docker");
  EXPECT_EQ(fs::file_size(work() / "from-layout/manifest.json"), image.manifest.size);
  skopeo("docker-archive:ours.tar:tree:1", "oci:back:tree");
  expect_load("back", config_of(image).rootfs.diff_ids.front());
}

TEST_F(PeersTest, SkopeoWritesWhatIsRead) {
  need("skopeo");
  if (IsSkipped()) return;
  const oci::Digest diff_id = config_of(import_tree(make_tree())).rootfs.diff_ids.front();
  save("ours.tar");
  skopeo("oci-archive:ours.tar", "docker-archive:theirs.tar:tree:1");
  skopeo("oci-archive:ours.tar", "oci-archive:theirs-oci.tar:tree");
  expect_load("theirs.tar", diff_id);
  expect_load("theirs-oci.tar", diff_id);
}

TEST_F(PeersTest, UmociUnpacksAndRepacks) {
  need("umoci");
  if (IsSkipped()) return;
  import_tree(make_tree());
  const auto image = *store().find_image("docker.io/library/tree:1");
  const sys::DirFd layout = open_directory(make("layout"));
  NACRE_ASSERT_OK(save_layout(store(), {{.names = {image->name}, .target = image->target}}, layout,
                              {}, nullptr, {}));
  run("umoci unpack --image layout:1 bundle && rm bundle/rootfs/suid && "
      "umoci repack --image layout:2 bundle && umoci rm --image layout:1",
      work());
  EXPECT_EQ(read_file(work() / "bundle/rootfs/etc/motd"), "hello\n");
  const auto loaded = load_layout(store(), open_directory(work() / "layout"), "layout",
                                  {.name = "repacked"}, nullptr, {});
  NACRE_ASSERT_OK(loaded);
  const auto config = oci::parse_image_config(
      *store().read_document(loaded->front().config, oci::kMostConfigBytes));
  NACRE_ASSERT_OK(config);
  ASSERT_EQ(config->rootfs.diff_ids.size(), 2U);
  NACRE_ASSERT_OK(snapshots().view("seen", config->rootfs.diff_ids, {}));
  const sys::MountFd seen = mount("seen");
  EXPECT_FALSE(fs::exists(path_of(seen) / "suid"));
  EXPECT_TRUE(fs::exists(path_of(seen) / "capable"));
}

}  // namespace
}  // namespace nacre::images
