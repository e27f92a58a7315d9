#include "images/snapshots/foundation.h"

#include "base/text.h"
#include "images/snapshots/active_folder.h"
#include "images/snapshots/image_stack.h"
#include "images/store/database.h"

namespace nacre::images {

using snapshots::Record;
using DiffIds = std::vector<oci::Digest>;

std::string quoted(const std::string& key) { return text::join("snapshot ", text::quote(key)); }

Result<void> require_committed(const Record& record) {
  if (record.info.kind == SnapshotKind::kCommitted) return {};
  return fail(
      failed_precondition(text::join(quoted(record.info.key), " is ", to_text(record.info.kind),
                                     ": only committed ones can be stood on")));
}

Result<std::vector<Record>> Foundation::lineage(const std::string& key) const {
  return store_.database().read(
      [&](Transaction& records) { return snapshots::lineage(records, key); });
}

Result<OverlayMount> Foundation::open(const std::vector<Record>& line) const {
  OverlayMount overlay;
  overlay.user_attributes = store_.whiteouts() == WhiteoutForm::kUser;
  for (const Record& record : line) NACRE_TRY(add_own(record, overlay));
  const auto& image = std::get<DiffIds>(line.back().info.base);
  for (sys::DirFd& layer : NACRE_TRY(open_image_stack(store_, fixups_, image))) {
    overlay.lowers.push_back(std::move(layer));
  }
  return overlay;
}

Result<void> Foundation::add_own(const Record& record, OverlayMount& overlay) const {
  if (record.folder.empty()) return {};
  auto folder = NACRE_TRY_CTX(ActiveFolder::open(containers_, record.folder),
                              text::join("damaged ", quoted(record.info.key)));
  if (record.info.kind == SnapshotKind::kActive) {
    overlay.volatile_writes = record.info.ephemeral;
    overlay.writable = std::move(folder).release();
  } else {
    overlay.lowers.push_back(NACRE_TRY(folder.open_upper()));
  }
  return {};
}

Result<std::vector<sys::DirFd>> Foundation::open_any(const SnapshotBase& base) const {
  if (const auto* image = std::get_if<DiffIds>(&base)) {
    return open_image_stack(store_, fixups_, *image);
  }
  const auto line = NACRE_TRY(lineage(std::get<std::string>(base)));
  NACRE_TRY(require_committed(line.front()));
  return NACRE_TRY(open(line)).lowers;
}

Result<std::vector<sys::DirFd>> Foundation::open_base(const SnapshotBase& base) const {
  auto lowers = NACRE_TRY(open_any(base));
  if (lowers.size() <= kMaxLowerLayers) return lowers;
  return fail(
      failed_precondition(text::join("it would stand on ", lowers.size(),
                                     " layers, and the kernel mounts at most ", kMaxLowerLayers)));
}

}  // namespace nacre::images
