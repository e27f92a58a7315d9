#include "images/store/records.h"

namespace nacre::images::records {
namespace {

constexpr const char* kOne =
    "SELECT diff_id, blob, state, boot_id, stamp, bytes, entries, created, opaque_root FROM"
    " layers WHERE diff_id = ?1";
constexpr const char* kAll =
    "SELECT diff_id, blob, state, boot_id, stamp, bytes, entries, created, opaque_root FROM"
    " layers ORDER BY diff_id";
constexpr std::string_view kImplied = "implied";
constexpr std::string_view kDeferred = "deferred";
constexpr std::string_view kLeftOut = "left out";

Result<LayerState> state_in(const Statement& row, int column) {
  const std::int64_t number = row.integer(column);
  if (number < 0 || number > static_cast<std::int64_t>(LayerState::kDurable)) {
    return fail(internal_error("the records are damaged: a layer has an unknown state"));
  }
  return static_cast<LayerState>(number);
}

Result<LayerRecord> layer_in(Transaction& records, const Statement& row) {
  LayerRecord layer;
  layer.info.diff_id = NACRE_TRY(digest_in(row, 0));
  if (!row.text(1).empty()) layer.info.blob = NACRE_TRY(digest_in(row, 1));
  layer.info.state = NACRE_TRY(state_in(row, 2));
  layer.boot_id = row.text(3);
  layer.stamp = row.text(4);
  layer.info.bytes = static_cast<std::uint64_t>(row.integer(5));
  layer.info.entries = static_cast<std::uint64_t>(row.integer(6));
  layer.info.created = row.integer(7);
  layer.info.opaque_root = row.integer(8) != 0;
  Statement note = NACRE_TRY(
      records.query("SELECT kind, path, target FROM layer_notes WHERE diff_id = ?1 ORDER BY path",
                    layer.info.diff_id.text()));
  while (NACRE_TRY(note.step())) {
    if (note.text(0) == kImplied) {
      layer.info.implied_directories.push_back(note.text(1));
    } else if (note.text(0) == kLeftOut) {
      layer.info.left_out.push_back(note.text(1));
    } else {
      layer.info.deferred_links.emplace_back(note.text(1), note.text(2));
    }
  }
  return layer;
}

Result<void> put_note(Transaction& records, const LayerRecord& layer, std::string_view kind,
                      std::string_view path, std::string_view target) {
  return records.run(
      "INSERT OR REPLACE INTO layer_notes (diff_id, kind, path, target) VALUES (?1, ?2, ?3, ?4)",
      layer.info.diff_id.text(), kind, BlobView{path}, BlobView{target});
}

}  // namespace

Result<std::optional<LayerRecord>> find_layer(Transaction& records, const oci::Digest& diff_id) {
  Statement row = NACRE_TRY(records.query(kOne, diff_id.text()));
  if (!NACRE_TRY(row.step())) return std::optional<LayerRecord>();
  return std::optional(NACRE_TRY(layer_in(records, row)));
}

Result<std::vector<LayerRecord>> all_layers(Transaction& records) {
  std::vector<LayerRecord> layers;
  Statement row = NACRE_TRY(records.query(kAll));
  while (NACRE_TRY(row.step())) layers.push_back(NACRE_TRY(layer_in(records, row)));
  return layers;
}

Result<void> put_layer(Transaction& records, const LayerRecord& layer) {
  NACRE_TRY(records.run("DELETE FROM layers WHERE diff_id = ?1", layer.info.diff_id.text()));
  NACRE_TRY(records.run(
      "INSERT INTO layers (diff_id, blob, state, boot_id, stamp, bytes, entries, created,"
      " opaque_root) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      layer.info.diff_id.text(), layer.info.blob.text(), static_cast<int>(layer.info.state),
      layer.boot_id, layer.stamp, layer.info.bytes, layer.info.entries, layer.info.created,
      static_cast<int>(layer.info.opaque_root)));
  for (const std::string& path : layer.info.implied_directories) {
    NACRE_TRY(put_note(records, layer, kImplied, path, ""));
  }
  for (const auto& [link, target] : layer.info.deferred_links) {
    NACRE_TRY(put_note(records, layer, kDeferred, link, target));
  }
  for (const std::string& what : layer.info.left_out) {
    NACRE_TRY(put_note(records, layer, kLeftOut, what, ""));
  }
  return {};
}

Result<bool> set_layer_state(Transaction& records, const oci::Digest& diff_id,
                             const std::string& stamp, LayerState state) {
  NACRE_TRY(records.run("UPDATE layers SET state = ?3 WHERE diff_id = ?1 AND stamp = ?2",
                        diff_id.text(), stamp, static_cast<int>(state)));
  return records.changes() > 0;
}

}  // namespace nacre::images::records
