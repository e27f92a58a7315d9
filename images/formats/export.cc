// An image becomes a root filesystem: what a container of it would see.
#include "base/text.h"
#include "images/compose/image_base.h"
#include "images/formats/rootfs.h"
#include "images/formats/watched.h"
#include "images/layers/layers.h"
#include "images/tar/writer.h"
#include "sys/file.h"
#include "sys/random.h"

namespace nacre::images {
namespace {

// A name nobody else has: several exports of one image may run.
Result<std::string> fresh_key() {
  std::uint64_t number[2] = {};
  static_cast<void>(
      NACRE_TRY_CTX(sys::getrandom(number, sizeof number), "get random bytes for a name"));
  return text::join("export-", number[0], "-", number[1]);
}

Result<void> write_view(Store& store, Snapshotter& snapshotter, const std::string& key, Sink& tar) {
  const sys::MountFd mount = NACRE_TRY(snapshotter.mounts(key, {}));
  const sys::DirFd root = NACRE_TRY_CTX(sys::openat<sys::DirFd>(mount, ".", O_RDONLY | O_DIRECTORY),
                                        "open the mounted image");
  const DiffOptions diff{.whiteouts = store.whiteouts(), .whole_tree = true};
  static_cast<void>(NACRE_TRY(write_layer(root, {}, tar, diff)));
  return {};
}

// An image without layers is an empty directory, of which there can be no view.
Result<void> write_nothing(Sink& tar) {
  tar::Writer writer(tar);
  NACRE_TRY(writer.add({.type = tar::Type::kDirectory, .path = "./", .mode = 0755}));
  return writer.finish();
}

Result<void> export_image(Store& store, Snapshotter& snapshotter, const oci::Descriptor& image,
                          Sink& tar) {
  const ImageBase base = NACRE_TRY(read_base(store, image));
  if (base.config.rootfs.diff_ids.empty()) return write_nothing(tar);
  const std::string key = NACRE_TRY(fresh_key());
  static_cast<void>(
      NACRE_TRY(snapshotter.view(key, base.config.rootfs.diff_ids, {.ephemeral = true})));
  // The mount is gone when this returns.
  auto written = write_view(store, snapshotter, key, tar);
  auto removed = snapshotter.remove(key);
  if (!written) return written;
  return removed;
}

}  // namespace

Result<void> export_rootfs(Store& store, Snapshotter& snapshotter, const oci::Descriptor& image,
                           Sink& tar, const std::function<void(std::uint64_t)>& bytes_written,
                           const std::stop_token& stop) {
  WatchedSink watched(tar, bytes_written, stop);
  NACRE_TRY_CTX(export_image(store, snapshotter, image, watched), "export");
  return {};
}

}  // namespace nacre::images
