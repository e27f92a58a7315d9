#include "images/store/schema.h"

namespace nacre::images {
namespace {

// kind: 'blob' and 'layer'; other modules add words of their own to holds and lease_items.
//
// refs have no foreign key on purpose: what a document points at stays known while a damaged
// document is fetched again, and what it points at may never have been fetched.
constexpr const char* kVersion1 = R"(
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blobs (
  digest TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (digest TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE refs (
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (source, kind, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE images (
  name TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  artifact_type TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE image_annotations (
  image TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (image, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE layers (
  diff_id TEXT PRIMARY KEY,
  blob TEXT NOT NULL,
  state INTEGER NOT NULL,
  boot_id TEXT NOT NULL,
  stamp TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  opaque_root INTEGER NOT NULL,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE layer_notes (
  diff_id TEXT NOT NULL REFERENCES layers ON DELETE CASCADE,
  kind TEXT NOT NULL,
  path BLOB NOT NULL,
  target BLOB NOT NULL,
  PRIMARY KEY (diff_id, kind, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
  id TEXT PRIMARY KEY,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE lease_items (
  lease TEXT NOT NULL REFERENCES leases ON DELETE CASCADE,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (lease, kind, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_items_by_target ON lease_items (kind, target);

CREATE TABLE holds (
  owner TEXT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (owner, kind, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_by_target ON holds (kind, target);
)";

}  // namespace

SchemaPart store_schema() { return {"store", {kVersion1}}; }

}  // namespace nacre::images
