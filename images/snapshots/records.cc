#include "images/snapshots/records.h"

#include "base/text.h"
#include "images/store/holds.h"
#include "images/store/list_ids.h"

namespace nacre::images::snapshots {
namespace {

// parent: '' when it stands on layers. bytes and inodes: -1 as long as nobody knows.
constexpr const char* kVersion1 = R"(
CREATE TABLE snapshots (
  key TEXT PRIMARY KEY,
  kind INTEGER NOT NULL,
  parent TEXT NOT NULL,
  folder TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  durable INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  inodes INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshots_by_parent ON snapshots (parent);

CREATE TABLE snapshot_layers (
  key TEXT NOT NULL REFERENCES snapshots ON DELETE CASCADE ON UPDATE CASCADE,
  position INTEGER NOT NULL,
  diff_id TEXT NOT NULL,
  PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE chains (
  chain_id TEXT PRIMARY KEY,
  fixup INTEGER NOT NULL,
  opaque_root INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)";

// What read_row reads, in its order.
constexpr const char* kFind =
    "SELECT key, kind, parent, folder, boot_id, durable, bytes, inodes, created, updated"
    " FROM snapshots WHERE key = ?1";
constexpr const char* kAll =
    "SELECT key, kind, parent, folder, boot_id, durable, bytes, inodes, created, updated"
    " FROM snapshots ORDER BY key";
constexpr const char* kLineage = R"(
WITH RECURSIVE line (depth, key) AS (
  SELECT 0, ?1
  UNION ALL
  SELECT depth + 1, parent FROM line JOIN snapshots USING (key) WHERE parent <> '')
SELECT key, kind, parent, folder, boot_id, durable, bytes, inodes, created, updated
  FROM line JOIN snapshots USING (key) ORDER BY depth)";

Result<SnapshotKind> read_kind(std::int64_t number) {
  if (number < 0 || number > static_cast<int>(SnapshotKind::kCommitted)) {
    return fail(internal_error(text::join("a snapshot of the unknown kind ", number)));
  }
  return static_cast<SnapshotKind>(number);
}

Result<std::vector<oci::Digest>> layers_of(Transaction& records, const std::string& key) {
  std::vector<oci::Digest> layers;
  for (const std::string& text : NACRE_TRY(list_ids(
           records, "SELECT diff_id FROM snapshot_layers WHERE key = ?1 ORDER BY position", key))) {
    layers.push_back(NACRE_TRY(oci::Digest::parse(text)));
  }
  return layers;
}

Result<Record> read_row(Transaction& records, const Statement& row) {
  Record record;
  record.info.key = row.text(0);
  record.info.kind = NACRE_TRY(read_kind(row.integer(1)));
  record.folder = row.text(3);
  record.boot_id = row.text(4);
  record.info.ephemeral = !record.boot_id.empty();
  record.info.durable = row.integer(5) != 0;
  if (row.integer(6) >= 0) {
    record.usage = SnapshotUsage{static_cast<std::uint64_t>(row.integer(6)),
                                 static_cast<std::uint64_t>(row.integer(7))};
  }
  record.info.created = row.integer(8);
  record.info.updated = row.integer(9);
  std::string parent = row.text(2);
  if (parent.empty()) {
    record.info.base = NACRE_TRY(layers_of(records, record.info.key));
  } else {
    record.info.base = std::move(parent);
  }
  return record;
}

template <class... Values>
Result<std::vector<Record>> read_rows(Transaction& records, const char* sql,
                                      const Values&... values) {
  std::vector<Record> found;
  Statement row = NACRE_TRY(records.query(sql, values...));
  while (NACRE_TRY(row.step())) found.push_back(NACRE_TRY(read_row(records, row)));
  return found;
}

struct UsageColumns {
  std::int64_t bytes = -1, inodes = -1;
};
UsageColumns columns_of(const std::optional<SnapshotUsage>& usage) {
  if (!usage) return {};
  return {static_cast<std::int64_t>(usage->bytes), static_cast<std::int64_t>(usage->inodes)};
}

}  // namespace

SchemaPart schema() { return {"snapshots", {kVersion1}}; }

std::string owner_name(const std::string& key) { return "snapshot:" + key; }

Result<std::optional<Record>> find(Transaction& records, const std::string& key) {
  auto found = NACRE_TRY(read_rows(records, kFind, key));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<Record> get(Transaction& records, const std::string& key) {
  auto found = NACRE_TRY(find(records, key));
  if (!found) return fail(not_found(text::join("there is no snapshot ", text::quote(key))));
  return *std::move(found);
}

Result<std::vector<Record>> all(Transaction& records) { return read_rows(records, kAll); }

Result<std::vector<Record>> lineage(Transaction& records, const std::string& key) {
  auto line = NACRE_TRY(read_rows(records, kLineage, key));
  if (line.empty()) return fail(not_found(text::join("there is no snapshot ", text::quote(key))));
  if (const auto* missing = std::get_if<std::string>(&line.back().info.base)) {
    return fail(
        internal_error(text::join("snapshot ", text::quote(line.back().info.key), " stands on ",
                                  text::quote(*missing), ", of which there is no record")));
  }
  return line;
}

Result<std::vector<std::string>> children(Transaction& records, const std::string& key) {
  return list_ids(records, "SELECT key FROM snapshots WHERE parent = ?1 ORDER BY key", key);
}

Result<void> insert(Transaction& records, const Record& record) {
  const SnapshotInfo& info = record.info;
  if (NACRE_TRY(find(records, info.key))) {
    return fail(Error(ErrorCode::kAlreadyExists,
                      text::join("there is a snapshot ", text::quote(info.key), " already")));
  }
  const auto* parent = std::get_if<std::string>(&info.base);
  const UsageColumns usage = columns_of(record.usage);
  NACRE_TRY(records.run(
      "INSERT INTO snapshots (key, kind, parent, folder, boot_id, durable, bytes, inodes, created,"
      " updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      info.key, static_cast<int>(info.kind), parent != nullptr ? *parent : std::string(),
      record.folder, record.boot_id, info.durable ? 1 : 0, usage.bytes, usage.inodes, info.created,
      info.updated));
  if (parent != nullptr) return {};
  int position = 0;
  for (const oci::Digest& layer : std::get<std::vector<oci::Digest>>(info.base)) {
    NACRE_TRY(
        records.run("INSERT INTO snapshot_layers (key, position, diff_id) VALUES (?1, ?2, ?3)",
                    info.key, position++, layer.text()));
  }
  return {};
}

Result<void> update(Transaction& records, const Record& record) {
  const UsageColumns usage = columns_of(record.usage);
  return records.run(
      "UPDATE snapshots SET kind = ?2, folder = ?3, boot_id = ?4, durable = ?5, bytes = ?6,"
      " inodes = ?7, updated = ?8 WHERE key = ?1",
      record.info.key, static_cast<int>(record.info.kind), record.folder, record.boot_id,
      record.info.durable ? 1 : 0, usage.bytes, usage.inodes, record.info.updated);
}

Result<void> rename(Transaction& records, const std::string& from, const std::string& to) {
  NACRE_TRY(records.run("UPDATE snapshots SET key = ?2 WHERE key = ?1", from, to));
  return records.run("UPDATE holds SET owner = ?2 WHERE owner = ?1", owner_name(from),
                     owner_name(to));
}

Result<void> remove(Transaction& records, const std::string& key) {
  NACRE_TRY(records.run("DELETE FROM snapshots WHERE key = ?1", key));
  return release_holds(records, owner_name(key));
}

Result<std::optional<ChainLink>> find_chain(Transaction& records, const oci::Digest& chain) {
  Statement row = NACRE_TRY(
      records.query("SELECT fixup, opaque_root FROM chains WHERE chain_id = ?1", chain.text()));
  if (!NACRE_TRY(row.step())) return std::nullopt;
  return ChainLink{.fixup = row.integer(0) != 0, .opaque_root = row.integer(1) != 0};
}

Result<void> put_chain(Transaction& records, const oci::Digest& chain, const ChainLink& link) {
  return records.run(
      "INSERT OR REPLACE INTO chains (chain_id, fixup, opaque_root) VALUES (?1, ?2, ?3)",
      chain.text(), link.fixup ? 1 : 0, link.opaque_root ? 1 : 0);
}

Result<void> forget_chains(Transaction& records) {
  return records.run(
      "DELETE FROM chains WHERE chain_id NOT IN (SELECT target FROM holds WHERE kind = ?1)",
      kChainKind);
}

Result<std::set<oci::Digest>> chains_with_fixup(Transaction& records) {
  std::set<oci::Digest> chains;
  for (const std::string& text :
       NACRE_TRY(list_ids(records, "SELECT chain_id FROM chains WHERE fixup <> 0"))) {
    chains.insert(NACRE_TRY(oci::Digest::parse(text)));
  }
  return chains;
}

// The store's own table is asked: only within the same transaction is the answer worth anything.
Result<void> hold_layers(Transaction& records, const std::string& key,
                         const std::vector<oci::Digest>& layers,
                         const std::vector<oci::Digest>& chains) {
  const std::string owner = owner_name(key);
  for (const oci::Digest& layer : layers) {
    Statement row =
        NACRE_TRY(records.query("SELECT 1 FROM layers WHERE diff_id = ?1", layer.text()));
    if (!NACRE_TRY(row.step())) {
      return fail(not_found(text::join("there is no layer ", layer.text())));
    }
    NACRE_TRY(hold(records, owner, kLayerKind, layer.text()));
  }
  for (const oci::Digest& chain : chains) {
    NACRE_TRY(hold(records, owner, kChainKind, chain.text()));
  }
  return {};
}

}  // namespace nacre::images::snapshots
