// What tells image documents apart. Internal to oci-spec/image.
#pragma once

#include <optional>
#include <string>

#include "oci-spec/image/media_types.h"
#include "oci-spec/json/cursor.h"

namespace nacre::oci {

struct Head {
  std::optional<std::uint64_t> schema_version;
  std::string media_type;
  // Whether the keys are there, whatever their values: another reader may see an empty list where
  // this one sees null.
  bool has_config = false;
  bool has_layers = false;
  bool has_manifests = false;
  bool has_fs_layers = false;  // Docker's schema 1
};

[[nodiscard]] Result<Head> read_head(const json::Cursor& root);

struct Verdict {
  DocumentKind kind = DocumentKind::kManifest;
  std::string media_type;  // never empty
};

// Which of the two it is, from its shape, its own word and what was declared: all must agree. The
// rules are in document.h.
[[nodiscard]] Result<Verdict> judge(const Head& head, std::string_view declared);

}  // namespace nacre::oci
