// What was changed on top of an image becomes a layer of another one.
#include "images/compose/compose.h"
#include "tests/integration/formats/fixture.h"

namespace nacre::images {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

class CommitTest : public TreeTest {
 protected:
  Result<NewImage> commit_active(const std::optional<oci::Descriptor>& base,
                                 const CommitImageOptions& options) {
    auto overlay = snapshots().layers("work");
    NACRE_EXPECT_OK(overlay);
    const sys::DirFd upper = open_directory(path_of(overlay->writable) / "upper");
    keep_.emplace(*store().lease());
    return commit_image(store(), *keep_, base, upper, overlay->lowers, options);
  }
  std::optional<Lease> keep_;
  void TearDown() override {
    keep_.reset();
    TreeTest::TearDown();
  }
};

TEST_F(CommitTest, WhatWasChangedIsInTheNewImage) {
  const NewImage base = import_tree(make_tree());
  prepare("work", config_of(base).rootfs.diff_ids);
  const sys::MountFd mount = this->mount("work");
  const fs::path live = path_of(mount);
  run(R"(
rm null; rm -r deep; mkdir deep; printf new >deep/file
printf more >>etc/motd
ln suid other-suid
mv 'with space' renamed
touch -d '2020-01-01 00:00:00.123456789Z' closed
setfattr -n user.mine -v 1 sparse
chmod 0711 sticky
)",
      live);
  const auto made = commit_active(base.manifest, {.author = "somebody",
                                                  .comment = "changed",
                                                  .created_by = "/bin/sh",
                                                  .created = 1'700'000'001});
  NACRE_ASSERT_OK(made);
  const auto config = config_of(*made);
  ASSERT_EQ(config.rootfs.diff_ids.size(), 2U);
  ASSERT_EQ(config.history.size(), 2U);
  EXPECT_EQ(config.history.back().created_by, "/bin/sh");
  EXPECT_EQ(config.history.back().created, "2023-11-14T22:13:21Z");
  EXPECT_EQ(config.author, "somebody");

  const auto manifest = oci::parse_manifest(*store().read_document(made->manifest.digest, 1 << 20),
                                            oci::media::kManifest);
  NACRE_ASSERT_OK(manifest);
  NACRE_ASSERT_OK(
      store().unpack(*keep_, manifest->layers.back(), config.rootfs.diff_ids.back(), {}));
  NACRE_ASSERT_OK(snapshots().view("seen", config.rootfs.diff_ids, {}));
  const sys::MountFd seen = this->mount("seen");
  EXPECT_EQ(fully(path_of(seen)), fully(live));
}

TEST_F(CommitTest, OnNothing) {
  prepare("work", std::vector<oci::Digest>());
  {
    const sys::MountFd mount = this->mount("work");
    write_file(path_of(mount) / "file", "x");
  }
  oci::RunConfig config;
  config.cmd = {"/file"};
  const auto made = commit_active({}, {.config = config, .created = 0});
  NACRE_ASSERT_OK(made);
  EXPECT_EQ(config_of(*made).config.cmd, config.cmd);
  EXPECT_EQ(config_of(*made).rootfs.diff_ids.size(), 1U);
  const auto again = commit_active({}, {.config = config, .created = 0});
  NACRE_ASSERT_OK(again);
  EXPECT_EQ(again->manifest, made->manifest);
}

}  // namespace
}  // namespace nacre::images
