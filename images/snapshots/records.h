// The records of snapshots: one function, one statement or two. No file is touched here.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "images/snapshots/snapshot.h"
#include "images/store/database.h"

namespace nacre::images::snapshots {

[[nodiscard]] SchemaPart schema();

// A snapshot with what only the snapshotter needs of it.
struct Record {
  SnapshotInfo info;
  std::string folder;   // in containers/; empty: a view, which has nothing of its own
  std::string boot_id;  // of an ephemeral one: the run of the machine that it belongs to
  std::optional<SnapshotUsage> usage;  // of a committed one, once somebody has asked
};

[[nodiscard]] Result<std::optional<Record>> find(Transaction& records, const std::string& key);
// The same, or not_found.
[[nodiscard]] Result<Record> get(Transaction& records, const std::string& key);
[[nodiscard]] Result<std::vector<Record>> all(Transaction& records);  // by key
// `key`, the snapshot it stands on and so on; the last one stands on layers.
[[nodiscard]] Result<std::vector<Record>> lineage(Transaction& records, const std::string& key);
// Those that stand on it, by key.
[[nodiscard]] Result<std::vector<std::string>> children(Transaction& records,
                                                        const std::string& key);
// already_exists when the key is taken.
[[nodiscard]] Result<void> insert(Transaction& records, const Record& record);
// Everything but the key and what it stands on.
[[nodiscard]] Result<void> update(Transaction& records, const Record& record);
[[nodiscard]] Result<void> rename(Transaction& records, const std::string& from,
                                  const std::string& to);
[[nodiscard]] Result<void> remove(Transaction& records, const std::string& key);

// What is known of a stack of layers, named by its chain: whether a fixup lies above the topmost of
// them (images/snapshots/fixups.h), and whether that one hides everything below it.
struct ChainLink {
  bool fixup = false;
  bool opaque_root = false;
};
// The kind of what holds a chain (images/store/holds.h).
inline constexpr std::string_view kChainKind = "chain";
[[nodiscard]] Result<std::optional<ChainLink>> find_chain(Transaction& records,
                                                          const oci::Digest& chain);
[[nodiscard]] Result<void> put_chain(Transaction& records, const oci::Digest& chain,
                                     const ChainLink& link);
// Those that nothing holds.
[[nodiscard]] Result<void> forget_chains(Transaction& records);
[[nodiscard]] Result<std::set<oci::Digest>> chains_with_fixup(Transaction& records);

// Keeps the layers and the chains from being collected as long as the snapshot is there. not_found
// when a layer is not.
[[nodiscard]] Result<void> hold_layers(Transaction& records, const std::string& key,
                                       const std::vector<oci::Digest>& layers,
                                       const std::vector<oci::Digest>& chains);

// As an owner of holds (images/store/holds.h).
[[nodiscard]] std::string owner_name(const std::string& key);

}  // namespace nacre::images::snapshots
