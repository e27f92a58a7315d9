#include "images/store/collect.h"

#include <string>

#include "images/store/file_lock.h"
#include "images/store/garbage.h"
#include "images/store/list_ids.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

constexpr const char* kForgetMarks = R"(
CREATE TEMP TABLE IF NOT EXISTS marked_blobs (digest TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS marked_layers (diff_id TEXT PRIMARY KEY) WITHOUT ROWID;
DELETE FROM temp.marked_blobs;
DELETE FROM temp.marked_layers)";

constexpr const char* kMarkBlobs = R"(
INSERT INTO temp.marked_blobs
WITH RECURSIVE kept (digest) AS (
  SELECT digest FROM images
  UNION SELECT target FROM lease_items WHERE kind = 'blob'
  UNION SELECT target FROM holds WHERE kind = 'blob'
  UNION SELECT refs.target FROM kept JOIN refs ON refs.source = kept.digest AND refs.kind = 'blob')
SELECT digest FROM kept)";

constexpr const char* kMarkLayers = R"(
INSERT INTO temp.marked_layers
SELECT target FROM lease_items WHERE kind = 'layer'
UNION SELECT target FROM holds WHERE kind = 'layer'
UNION SELECT target FROM refs
  WHERE kind = 'layer' AND source IN (SELECT digest FROM temp.marked_blobs))";

// A layer that has not been synced may have to be unpacked again.
constexpr const char* kMarkOrigins = R"(
INSERT OR IGNORE INTO temp.marked_blobs
SELECT blob FROM layers
  WHERE blob <> '' AND state <> ?1 AND diff_id IN (SELECT diff_id FROM temp.marked_layers))";

constexpr const char* kSweepBlobs =
    "DELETE FROM blobs WHERE digest NOT IN (SELECT digest FROM temp.marked_blobs) RETURNING size";
constexpr const char* kSweepLayers =
    "DELETE FROM layers WHERE diff_id NOT IN (SELECT diff_id FROM temp.marked_layers)"
    " RETURNING bytes";
constexpr const char* kSweepDocuments =
    "DELETE FROM documents WHERE digest NOT IN (SELECT digest FROM temp.marked_blobs)";
constexpr const char* kSweepReferences =
    "DELETE FROM refs WHERE source NOT IN (SELECT digest FROM temp.marked_blobs)";

// Leases whose file nobody holds. Looked for outside of the transaction; an ended one stays ended,
// its id is never given again, and a new one has its file before its record.
Result<std::vector<std::string>> ended_leases(Core& core) {
  NACRE_TRY(remove_unheld_locks(core.layout.leases));
  const std::vector<std::string> ids = NACRE_TRY(
      core.read([](Transaction& records) { return list_ids(records, "SELECT id FROM leases"); }));
  std::vector<std::string> ended;
  for (const std::string& id : ids) {
    const auto there = sys::statx(core.layout.leases, id.c_str(), AT_SYMLINK_NOFOLLOW);
    if (there) continue;
    if (there.error().value != ENOENT) {
      return fail(Error::from_errno(there.error(), "stat lease " + id));
    }
    ended.push_back(id);
  }
  return ended;
}

Result<void> mark(Transaction& records) {
  NACRE_TRY(records.run_script(kForgetMarks));
  NACRE_TRY(records.run(kMarkBlobs));
  NACRE_TRY(records.run(kMarkLayers));
  return records.run(kMarkOrigins, static_cast<int>(LayerState::kDurable));
}

Result<void> sweep_kind(Transaction& records, const char* sql, std::uint64_t& count,
                        std::uint64_t& bytes) {
  Statement removed = NACRE_TRY(records.query(sql));
  while (NACRE_TRY(removed.step())) {
    ++count;
    bytes += static_cast<std::uint64_t>(removed.integer(0));
  }
  return {};
}

Result<Collected> sweep(Transaction& records) {
  Collected collected;
  NACRE_TRY(sweep_kind(records, kSweepBlobs, collected.blobs, collected.bytes));
  NACRE_TRY(sweep_kind(records, kSweepLayers, collected.layers, collected.bytes));
  NACRE_TRY(records.run(kSweepDocuments));
  NACRE_TRY(records.run(kSweepReferences));
  return collected;
}

}  // namespace

Result<Collected> collect(Core& core, const std::vector<Store::Collector>& collectors) {
  const std::vector<std::string> ended = NACRE_TRY(ended_leases(core));
  const auto records_go = [&](Transaction& records) -> Result<Collected> {
    for (const std::string& id : ended) {
      NACRE_TRY(records.run("DELETE FROM leases WHERE id = ?1", id));
    }
    std::uint64_t snapshots = 0;
    for (const Store::Collector& collector : collectors) {
      snapshots += NACRE_TRY(collector(records));
    }
    NACRE_TRY(mark(records));
    Collected swept = NACRE_TRY(sweep(records));
    swept.snapshots = snapshots;
    return swept;
  };
  // Durable before a file goes: the other way round a power cut would leave records of nothing.
  Collected collected = NACRE_TRY(core.write(Durability::kPowerCut, records_go));
  collected.ingests = NACRE_TRY(discard_garbage(core));
  return collected;
}

}  // namespace nacre::images
