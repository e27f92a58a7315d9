#include <algorithm>

#include "base/text.h"
#include "images/store/holds.h"
#include "images/store/records.h"

namespace nacre::images::records {
namespace {

Result<BlobInfo> blob_in(const Statement& row) {
  BlobInfo blob;
  blob.digest = NACRE_TRY(digest_in(row, 0));
  blob.size = static_cast<std::uint64_t>(row.integer(1));
  blob.created = row.integer(2);
  return blob;
}

Result<void> put_kind(Transaction& records, const oci::Digest& from, std::string_view kind,
                      const std::vector<oci::Digest>& targets) {
  for (const oci::Digest& target : targets) {
    NACRE_TRY(records.run("INSERT OR IGNORE INTO refs (source, kind, target) VALUES (?1, ?2, ?3)",
                          from.text(), kind, target.text()));
  }
  return {};
}

}  // namespace

Result<oci::Digest> digest_in(const Statement& row, int column) {
  auto digest = oci::Digest::parse(row.text(column));
  if (!digest) return fail(internal_error("the records are damaged: " + digest.error().message()));
  return digest;
}

Result<std::optional<BlobInfo>> find_blob(Transaction& records, const oci::Digest& digest) {
  Statement row = NACRE_TRY(
      records.query("SELECT digest, size, created FROM blobs WHERE digest = ?1", digest.text()));
  if (!NACRE_TRY(row.step())) return std::optional<BlobInfo>();
  return std::optional(NACRE_TRY(blob_in(row)));
}

Result<std::vector<BlobInfo>> all_blobs(Transaction& records) {
  std::vector<BlobInfo> blobs;
  Statement row =
      NACRE_TRY(records.query("SELECT digest, size, created FROM blobs ORDER BY digest"));
  while (NACRE_TRY(row.step())) blobs.push_back(NACRE_TRY(blob_in(row)));
  return blobs;
}

Result<void> put_blob(Transaction& records, const BlobInfo& blob) {
  return records.run(
      "INSERT INTO blobs (digest, size, created) VALUES (?1, ?2, ?3)"
      " ON CONFLICT (digest) DO UPDATE SET size = excluded.size",
      blob.digest.text(), blob.size, blob.created);
}

Result<void> remove_blob(Transaction& records, const oci::Digest& digest) {
  return records.run("DELETE FROM blobs WHERE digest = ?1", digest.text());
}

Result<std::optional<References>> find_references(Transaction& records, const oci::Digest& from) {
  Statement known =
      NACRE_TRY(records.query("SELECT 1 FROM documents WHERE digest = ?1", from.text()));
  if (!NACRE_TRY(known.step())) return std::optional<References>();
  References references;
  Statement row = NACRE_TRY(records.query(
      "SELECT kind, target FROM refs WHERE source = ?1 ORDER BY target", from.text()));
  while (NACRE_TRY(row.step())) {
    auto& targets = row.text(0) == kBlobKind ? references.blobs : references.layers;
    targets.push_back(NACRE_TRY(digest_in(row, 1)));
  }
  return std::optional(std::move(references));
}

Result<void> put_references(Transaction& records, const oci::Digest& from,
                            const References& references) {
  NACRE_TRY(records.run("INSERT OR IGNORE INTO documents (digest) VALUES (?1)", from.text()));
  NACRE_TRY(records.run("DELETE FROM refs WHERE source = ?1", from.text()));
  NACRE_TRY(put_kind(records, from, kBlobKind, references.blobs));
  return put_kind(records, from, kLayerKind, references.layers);
}

Result<std::optional<std::string>> find_setting(Transaction& records, const std::string& name) {
  Statement row = NACRE_TRY(records.query("SELECT value FROM settings WHERE name = ?1", name));
  if (!NACRE_TRY(row.step())) return std::optional<std::string>();
  return std::optional(row.text(0));
}

Result<void> put_setting(Transaction& records, const std::string& name, const std::string& value) {
  return records.run("INSERT INTO settings (name, value) VALUES (?1, ?2)", name, value);
}

}  // namespace nacre::images::records
