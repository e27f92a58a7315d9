// A tree becomes an image and a tree again, and nothing of it is lost.
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/integration/formats/fixture.h"
#include "tests/unit/images_store/samples.h"

namespace nacre::images {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::HasSubstr;

class RootfsTest : public TreeTest {};

TEST_F(RootfsTest, NothingIsLost) {
  const fs::path tree = make_tree();
  const NewImage image = import_tree(tree);
  const auto diff_ids = config_of(image).rootfs.diff_ids;
  ASSERT_EQ(diff_ids.size(), 1U);
  const auto layer = store().open_layer(diff_ids.front());
  NACRE_ASSERT_OK(layer);
  EXPECT_EQ(fully(path_of(*layer)), fully(tree));

  const std::string tar = export_image(image.manifest);
  const fs::path out = make("out");
  write_file(work() / "out.tar", tar);
  run("tar --xattrs --xattrs-include='*' -xpf ../out.tar", out);
  EXPECT_EQ(fully(out), fully(tree));
  EXPECT_EQ(count_in("containers"), 0U);
}

TEST_F(RootfsTest, TheSameTreeIsTheSameImage) {
  const fs::path tree = make_tree();
  const NewImage first = import_tree(tree);
  const NewImage second = import_tree(tree);
  EXPECT_EQ(first.manifest, second.manifest);
  // What was exported is the very archive that was imported.
  const std::string tar = export_image(first.manifest);
  MemorySource source(tar);
  auto keep = store().lease();
  const auto third = import_archive(store(), *keep, source, {.created = 1'700'000'000}, {}, {});
  NACRE_ASSERT_OK(third);
  EXPECT_EQ(third->manifest, first.manifest);
}

TEST_F(RootfsTest, WhatIsNoPartOfATree) {
  const fs::path tree = make_tree();
  make("tree/mounted");
  write_file(tree / "mounted/below", "below the mount");
  ASSERT_EQ(::mount("tmpfs", (tree / "mounted").c_str(), "tmpfs", 0, nullptr), 0);
  write_file(tree / "mounted/secret", "of another file system");
  write_file(work() / "other", "of another file system");
  write_file(tree / "bound", "mine");
  ASSERT_EQ(
      ::mount((work() / "other").c_str(), (tree / "bound").c_str(), nullptr, MS_BIND, nullptr), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", (tree / "socket").c_str());
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const NewImage image = import_tree(tree);
  ::close(socket);
  ::umount2((tree / "mounted").c_str(), MNT_DETACH);
  ::umount2((tree / "bound").c_str(), MNT_DETACH);
  const auto layer = store().open_layer(config_of(image).rootfs.diff_ids.front());
  NACRE_ASSERT_OK(layer);
  const fs::path made = path_of(*layer);
  EXPECT_FALSE(fs::exists(made / "mounted/secret"));
  EXPECT_EQ(read_file(made / "mounted/below"), "below the mount");
  EXPECT_EQ(read_file(made / "bound"), "mine");
  EXPECT_FALSE(fs::exists(made / "socket"));
}

TEST_F(RootfsTest, WhatIsCompressedStaysAsItIs) {
  const std::string plain = tar_of({{"etc/", ""}, {"etc/hello", "world"}});
  const std::string packed = gzip(plain);
  auto keep = store().lease();
  MemorySource source(packed, 100);
  std::uint64_t told = 0;
  const auto image = import_archive(store(), *keep, source, {.created = 0},
                                    [&](std::uint64_t bytes) { told = bytes; }, {});
  NACRE_ASSERT_OK(image);
  EXPECT_EQ(told, packed.size());
  EXPECT_EQ(config_of(*image).rootfs.diff_ids.front(), digest_of(plain));
  EXPECT_TRUE((*store().find_blob(digest_of(packed))).has_value());
}

TEST_F(RootfsTest, WhatIsNoArchive) {
  const auto refuse = [&](const std::string& bytes, const ImportOptions& options = {}) {
    auto keep = store().lease();
    MemorySource source(bytes);
    const auto made = import_archive(store(), *keep, source, options, {}, {});
    return made ? std::string("no error") : made.error().message();
  };
  const std::string plain = tar_of({{"file", std::string(5000, 'x')}});
  EXPECT_THAT(refuse(""), HasSubstr("empty"));
  EXPECT_THAT(refuse(std::string(4000, 'x')), HasSubstr("import: "));
  EXPECT_THAT(refuse(plain.substr(0, 3000)), HasSubstr("import: "));
  EXPECT_THAT(refuse(gzip(plain.substr(0, 3000)), {.unpack = false}), HasSubstr("import: "));
  EXPECT_THAT(refuse(gzip(plain).substr(0, 40)), HasSubstr("import: "));
  EXPECT_THAT(refuse(tar_of({{"../../evil", "x"}})), HasSubstr("evil"));
  end_lease();
  NACRE_ASSERT_OK(store().collect());
  EXPECT_TRUE(store().blobs()->empty());
  EXPECT_TRUE(store().layers()->empty());
}

TEST_F(RootfsTest, AnExportIsMergedAndHasNoWhiteouts) {
  const oci::Digest lower =
      put(LayerArchive().directory("d").file("d/gone", "1").file("d/kept", "2").file("top", "3"));
  const oci::Digest upper =
      put(LayerArchive().whiteout("d/gone").file("top", "4").whiteout("never"));
  oci::ImageConfig config;
  config.platform = oci::host_platform();
  for (const auto& layers : {std::vector{lower, upper}, std::vector{upper}}) {
    config.rootfs.diff_ids = layers;
    std::vector<oci::Descriptor> blobs;
    for (const auto& layer : layers) {
      const auto info = *store().find_layer(layer);
      oci::Descriptor blob;
      blob.media_type = oci::media::kLayer;
      blob.digest = info->blob;
      blob.size = (*store().find_blob(info->blob))->size;
      blobs.push_back(blob);
    }
    auto keep = store().lease();
    const auto image = compose_image(store(), *keep, config, blobs);
    NACRE_ASSERT_OK(image);
    write_file(work() / "out.tar", export_image(image->manifest));
    const std::string names = run("tar -tf out.tar", work());
    EXPECT_EQ(names.find(".wh."), std::string::npos) << names;
    EXPECT_EQ(names.find("gone"), std::string::npos) << names;
    EXPECT_EQ(names.find("never"), std::string::npos) << names;
    EXPECT_NE(names.find("top"), std::string::npos) << names;
    EXPECT_EQ(names.find("d/kept") != std::string::npos, layers.size() == 2) << names;
  }
}

// Whoever does not want it any more leaves nothing.
TEST_F(RootfsTest, ABrokenExport) {
  const NewImage image = import_tree(make_tree());
  MemorySink small(10'000);
  const auto done = export_rootfs(store(), snapshots(), image.manifest, small, {}, {});
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code(), ErrorCode::kResourceExhausted);
  std::stop_source stopped;
  stopped.request_stop();
  MemorySink sink;
  const auto cancelled =
      export_rootfs(store(), snapshots(), image.manifest, sink, {}, stopped.get_token());
  ASSERT_FALSE(cancelled.has_value());
  EXPECT_EQ(cancelled.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(count_in("containers"), 0U);
}

TEST_F(RootfsTest, TimesAreHeldBack) {
  const fs::path tree = make("tree");
  write_file(tree / "new", "x");
  const NewImage image = import_tree(tree, {.clamp_mtime = 1'000'000'000});
  const auto layer = store().open_layer(config_of(image).rootfs.diff_ids.front());
  NACRE_ASSERT_OK(layer);
  EXPECT_THAT(fully(path_of(*layer)), HasSubstr("0:0 1000000000.0"));
}

}  // namespace
}  // namespace nacre::images
