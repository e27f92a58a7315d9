#include "images/store/garbage.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "images/store/clock.h"
#include "images/store/file_lock.h"
#include "images/store/list_ids.h"
#include "images/store/records.h"
#include "images/store/trash.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

enum class Fate { kStays, kGoes };

// Everything in here happens in this order: list the folder, read the records, take the lock, read
// the record again, rename. What gets its record after the listing is seen with it; nobody can make
// the thing anew while we hold its lock.
template <class StillWanted>
Result<Fate> discard_unless(Core& core, const sys::DirFd& folder, const std::string& name,
                            const std::string& lock_name, StillWanted still_wanted) {
  const std::optional<FileLock> lock =
      NACRE_TRY(FileLock::try_acquire(core.layout.locks, lock_name));
  if (!lock || NACRE_TRY(still_wanted())) return Fate::kStays;
  static_cast<void>(NACRE_TRY(discard(core.layout, folder, name)));
  return Fate::kGoes;
}

Result<void> discard_blobs(Core& core, const sys::DirFd& folder, std::string_view algorithm) {
  const std::vector<std::string> names = NACRE_TRY(list_folder(folder));
  if (names.empty()) return {};
  const std::vector<std::string> recorded = NACRE_TRY(core.read([](Transaction& records) {
    return list_ids(records, "SELECT digest FROM blobs ORDER BY digest");
  }));
  for (const std::string& name : names) {
    const auto digest = oci::Digest::parse(text::join(algorithm, ":", name));
    if (!digest) {
      static_cast<void>(NACRE_TRY(discard(core.layout, folder, name)));  // never a name of ours
      continue;
    }
    if (std::ranges::binary_search(recorded, digest->text())) continue;
    const auto still = [&] {
      return core.read([&](Transaction& records) -> Result<bool> {
        return NACRE_TRY(records::find_blob(records, *digest)).has_value();
      });
    };
    static_cast<void>(NACRE_TRY(discard_unless(core, folder, name, blob_lock(*digest), still)));
  }
  return {};
}

Result<void> discard_layer(Core& core, const std::string& name, const oci::Digest& diff_id,
                           bool staging) {
  const std::optional<FileLock> lock =
      NACRE_TRY(FileLock::try_acquire(core.layout.locks, layer_lock(diff_id)));
  if (!lock) return {};
  const auto layer = NACRE_TRY(
      core.read([&](Transaction& records) { return records::find_layer(records, diff_id); }));
  if (!staging && layer && layer->info.state != LayerState::kStaged) return {};
  // Unpacked in this run of the machine and given up on: an overlay may be mounted on it.
  const bool in_use = !staging && layer && layer->boot_id == core.boot_id;
  static_cast<void>(
      NACRE_TRY(in_use ? discard_until_reboot(core.layout, core.layout.layers, name, core.boot_id)
                       : discard(core.layout, core.layout.layers, name)));
  return {};
}

Result<void> discard_layers(Core& core) {
  const std::vector<std::string> names = NACRE_TRY(list_folder(core.layout.layers));
  const auto staged = static_cast<int>(LayerState::kStaged);
  const std::vector<std::string> recorded = NACRE_TRY(core.read([&](Transaction& records) {
    return list_ids(records, "SELECT diff_id FROM layers WHERE state <> ?1 ORDER BY diff_id",
                    staged);
  }));
  for (const std::string& name : names) {
    const bool staging = name.starts_with(kStagingPrefix);
    const auto digest = digest_of_name(staging ? name.substr(kStagingPrefix.size()) : name);
    if (!digest) {
      // Never a name of ours.
      static_cast<void>(NACRE_TRY(discard(core.layout, core.layout.layers, name)));
    } else if (staging || !std::ranges::binary_search(recorded, digest->text())) {
      NACRE_TRY(discard_layer(core, name, *digest, staging));
    }
  }
  return {};
}

// "new-..." has no digest yet: nobody can go on with it.
Result<bool> worth_keeping(Core& core, const std::string& name) {
  if (name.starts_with("new-")) return false;
  const auto status = sys::statx(core.layout.ingest, name.c_str(), AT_SYMLINK_NOFOLLOW);
  if (!status) {
    if (status.error().value == ENOENT) return true;  // finished meanwhile
    return fail(Error::from_errno(status.error(), "stat ingest/" + name));
  }
  return status->stx_mtime.tv_sec + kIngestKept > seconds_now();
}

Result<std::uint64_t> discard_ingests(Core& core) {
  std::uint64_t count = 0;
  for (const std::string& name : NACRE_TRY(list_folder(core.layout.ingest))) {
    const auto useful = [&] { return worth_keeping(core, name); };
    const Fate fate =
        NACRE_TRY(discard_unless(core, core.layout.ingest, name, "blob-" + name, useful));
    if (fate == Fate::kGoes) ++count;
  }
  return count;
}

}  // namespace

Result<std::uint64_t> discard_garbage(Core& core) {
  NACRE_TRY(discard_blobs(core, core.layout.sha256, "sha256"));
  NACRE_TRY(discard_blobs(core, core.layout.sha512, "sha512"));
  NACRE_TRY(discard_layers(core));
  const std::uint64_t ingests = NACRE_TRY(discard_ingests(core));
  NACRE_TRY(remove_unheld_locks(core.layout.locks));
  return ingests;
}

}  // namespace nacre::images
