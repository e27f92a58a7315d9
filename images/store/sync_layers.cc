#include "images/store/sync_layers.h"

#include "images/store/records.h"
#include "sys/sync.h"

namespace nacre::images {
namespace {

// Which files an error has hit is not told, and it is told only once. The boot id stays: an overlay
// may be mounted on what is there (put_in_place).
Result<void> distrust(Core& core, const std::vector<records::LayerRecord>& layers) {
  return core.write(Durability::kProcess, [&](Transaction& records) -> Result<void> {
    for (const records::LayerRecord& layer : layers) {
      static_cast<void>(NACRE_TRY(
          records::set_layer_state(records, layer.info.diff_id, layer.stamp, LayerState::kStaged)));
    }
    return {};
  });
}

}  // namespace

Result<void> sync_layers(Core& core) {
  std::vector<records::LayerRecord> extracted;
  for (auto& layer :
       NACRE_TRY(core.read([](Transaction& records) { return records::all_layers(records); }))) {
    if (layer.info.state == LayerState::kExtracted && layer.usable(core.boot_id)) {
      extracted.push_back(std::move(layer));
    }
  }
  if (extracted.empty()) return {};
  const auto synced = sys::syncfs(core.layout.layers);
  if (!synced) {
    NACRE_TRY(distrust(core, extracted));
    return fail(Error::from_errno(synced.error(), "sync the layers"));
  }
  return core.write(Durability::kPowerCut, [&](Transaction& records) -> Result<void> {
    for (const records::LayerRecord& layer : extracted) {
      // false: it was collected or unpacked again meanwhile, and that one has not been synced.
      static_cast<void>(NACRE_TRY(records::set_layer_state(records, layer.info.diff_id, layer.stamp,
                                                           LayerState::kDurable)));
    }
    return {};
  });
}

}  // namespace nacre::images
