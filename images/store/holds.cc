#include "images/store/holds.h"

#include "base/text.h"

namespace nacre::images {

Result<void> hold(Transaction& records, std::string_view owner, std::string_view kind,
                  std::string_view target) {
  return records.run("INSERT OR IGNORE INTO holds (owner, kind, target) VALUES (?1, ?2, ?3)", owner,
                     kind, target);
}

Result<void> release_holds(Transaction& records, std::string_view owner) {
  return records.run("DELETE FROM holds WHERE owner = ?1", owner);
}

Result<std::vector<std::string>> holders(Transaction& records, std::string_view kind,
                                         std::string_view target) {
  std::vector<std::string> owners;
  Statement row = NACRE_TRY(records.query(
      "SELECT owner FROM holds WHERE kind = ?1 AND target = ?2 ORDER BY owner", kind, target));
  while (NACRE_TRY(row.step())) owners.push_back(row.text(0));
  return owners;
}

Result<void> keep(Transaction& records, const Lease& lease, std::string_view kind,
                  std::string_view target) {
  NACRE_TRY_CTX(
      records.run("INSERT OR IGNORE INTO lease_items (lease, kind, target) VALUES (?1, ?2, ?3)",
                  lease.id(), kind, target),
      text::join("keep ", kind, " ", target, " under lease ", lease.id()));
  return {};
}

Result<bool> is_leased(Transaction& records, std::string_view kind, std::string_view target) {
  Statement row = NACRE_TRY(records.query(
      "SELECT 1 FROM lease_items WHERE kind = ?1 AND target = ?2 LIMIT 1", kind, target));
  return row.step();
}

}  // namespace nacre::images
