// image-spec 1.1, image-index.md; Docker's manifest list has the same shape.
#pragma once

#include "oci-spec/image/descriptor.h"

namespace nacre::oci {

struct Index {
  // As Manifest::media_type.
  std::string media_type;
  std::string artifact_type;
  std::vector<Descriptor> manifests;  // manifests and further indexes
  std::optional<Descriptor> subject;
  std::map<std::string, std::string> annotations;

  friend bool operator==(const Index&, const Index&) = default;
};

// How deep indexes may stand in indexes. Whoever follows them counts: an index cannot hold itself,
// but a registry may answer whatever it likes.
inline constexpr std::size_t kMostIndexDepth = 8;

// Compact, keys in the order of the spec: the same index gives the same bytes.
[[nodiscard]] std::string to_json(const Index& index);

// What may run on `wanted`, best first (platform.h, rank). Entries that do not say their platform
// come last: further indexes and manifests whose configuration has to be looked at. Left out is
// what is no manifest or index that we read, and what describes another entry (attestations).
// kNotFound, with the platforms that there are, if nothing is left.
[[nodiscard]] Result<std::vector<Descriptor>> choose(const Index& index, const Platform& wanted,
                                                     Ancestors ancestors = Ancestors::kNone);

}  // namespace nacre::oci
