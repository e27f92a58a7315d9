#include "images/store/check.h"

#include <optional>

#include "base/text.h"
#include "images/store/blobs.h"
#include "images/store/file_lock.h"
#include "images/store/holds.h"
#include "images/store/records.h"
#include "images/store/trash.h"
#include "images/store/unpack.h"
#include "images/stream/file.h"

namespace nacre::images {
namespace {

using Damages = std::vector<Damage>;

Result<void> check_records(Core& core, Damages& damages) {
  for (std::string& problem : NACRE_TRY(core.database->verify())) {
    damages.push_back({"records", std::move(problem), false});
  }
  return {};
}

// A second look under the lock: what was collected or fetched again meanwhile is no damage.
Result<std::optional<std::string>> confirmed_problem(Core& core, const BlobInfo& blob, bool deep) {
  const auto recorded = NACRE_TRY(
      core.read([&](Transaction& records) { return records::find_blob(records, blob.digest); }));
  if (!recorded) return std::optional<std::string>();
  return problem_of(core, blob, deep);
}

// Without its record it is fetched again by the next who wants it.
Result<void> drop_blob(Core& core, const oci::Digest& digest) {
  NACRE_TRY(core.write(Durability::kPowerCut, [&](Transaction& records) {
    return records::remove_blob(records, digest);
  }));
  static_cast<void>(
      NACRE_TRY(discard(core.layout, core.layout.blobs(digest), std::string(digest.hex()))));
  return {};
}

Result<void> check_blob(Core& core, const BlobInfo& blob, const CheckOptions& options,
                        Damages& damages) {
  if (!NACRE_TRY(problem_of(core, blob, options.deep))) return {};
  const FileLock lock = NACRE_TRY(FileLock::acquire(core.layout.locks, blob_lock(blob.digest)));
  auto problem = NACRE_TRY(confirmed_problem(core, blob, options.deep));
  if (!problem) return {};
  if (options.repair) NACRE_TRY(drop_blob(core, blob.digest));
  damages.push_back({"blob " + blob.digest.text(), *std::move(problem), options.repair});
  return {};
}

Result<std::optional<records::LayerRecord>> usable_layer(Core& core, const oci::Digest& diff_id) {
  auto layer = NACRE_TRY(
      core.read([&](Transaction& records) { return records::find_layer(records, diff_id); }));
  if (layer && !layer->usable(core.boot_id)) layer.reset();
  return layer;
}

Result<bool> origin_is_good(Core& core, const oci::Digest& blob) {
  if (blob.empty()) return false;
  const auto recorded =
      NACRE_TRY(core.read([&](Transaction& records) { return records::find_blob(records, blob); }));
  return recorded && !NACRE_TRY(problem_of(core, *recorded, true));
}

// From now on the layer is as good as one that a power cut has hit: `staged`.
Result<void> stage_again(Core& core, const records::LayerRecord& layer) {
  records::LayerRecord staged = layer;
  staged.info.state = LayerState::kStaged;
  staged.boot_id = core.boot_id;
  NACRE_TRY(core.write(Durability::kPowerCut,
                       [&](Transaction& records) { return records::put_layer(records, staged); }));
  static_cast<void>(NACRE_TRY(discard_until_reboot(core.layout, core.layout.layers,
                                                   layer_name(layer.info.diff_id), core.boot_id)));
  return {};
}

Result<void> extract_again(Core& core, const FileLock& lock, const records::LayerRecord& layer) {
  const UniqueFd blob = NACRE_TRY(open_blob(core, layer.info.blob));
  FileSource source(blob, text::join("blob ", layer.info.blob.text()));
  const records::LayerRecord fresh =
      NACRE_TRY(extract(core, lock, layer.info.blob, layer.info.diff_id, source));
  NACRE_TRY(put_in_place(core, layer.info.diff_id, true));
  return core.write(Durability::kProcess,
                    [&](Transaction& records) { return records::put_layer(records, fresh); });
}

Result<void> check_layer(Core& core, const records::LayerRecord& layer, const CheckOptions& options,
                         Damages& damages) {
  const oci::Digest& diff_id = layer.info.diff_id;
  if (NACRE_TRY(problems_of(core, diff_id, options.deep)).empty()) return {};
  const FileLock lock = NACRE_TRY(FileLock::acquire(core.layout.locks, layer_lock(diff_id)));
  const auto still = NACRE_TRY(usable_layer(core, diff_id));
  if (!still) return {};
  const auto problems = NACRE_TRY(problems_of(core, diff_id, options.deep));
  if (problems.empty()) return {};
  if (options.repair) {
    NACRE_TRY(stage_again(core, *still));
    if (NACRE_TRY(origin_is_good(core, still->info.blob))) {
      NACRE_TRY(extract_again(core, lock, *still));
    }
  }
  for (const std::string& problem : problems) {
    damages.push_back({"layer " + diff_id.text(), problem, options.repair});
  }
  return {};
}

Result<void> check_images(Core& core, Damages& damages) {
  return core.read([&](Transaction& records) -> Result<void> {
    for (const ImageRecord& image : NACRE_TRY(records::all_images(records))) {
      if (NACRE_TRY(records::find_blob(records, image.target.digest))) continue;
      damages.push_back({text::join("image ", image.name),
                         text::join("it points at ", image.target.digest.text(),
                                    ", which is not here; fetching the image again brings it back"),
                         false});
    }
    return {};
  });
}

}  // namespace

Result<std::vector<Damage>> check(Core& core, const CheckOptions& options) {
  Damages damages;
  NACRE_TRY(check_records(core, damages));
  for (const BlobInfo& blob :
       NACRE_TRY(core.read([](Transaction& records) { return records::all_blobs(records); }))) {
    NACRE_TRY(check_blob(core, blob, options, damages));
  }
  for (const auto& layer :
       NACRE_TRY(core.read([](Transaction& records) { return records::all_layers(records); }))) {
    if (layer.usable(core.boot_id)) NACRE_TRY(check_layer(core, layer, options, damages));
  }
  NACRE_TRY(check_images(core, damages));
  return damages;
}

}  // namespace nacre::images
