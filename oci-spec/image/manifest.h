// image-spec 1.1, manifest.md; Docker's image manifest version 2, schema 2, has the same shape.
//
// Manifests are kept and passed on as the bytes they came in: to_json() is for those made here.
#pragma once

#include "oci-spec/image/descriptor.h"

namespace nacre::oci {

struct Manifest {
  // What was said of the document or, failing that, the OCI's own word. Never empty once parsed.
  std::string media_type;
  std::string artifact_type;
  Descriptor config;
  std::vector<Descriptor> layers;  // the lowest first
  std::optional<Descriptor> subject;
  std::map<std::string, std::string> annotations;

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

// Compact, keys in the order of the spec: the same manifest gives the same bytes.
[[nodiscard]] std::string to_json(const Manifest& manifest);

// A runnable image, as opposed to an artifact: tells by the configuration's type.
[[nodiscard]] bool is_image(const Manifest& manifest);

// The bytes of configuration and layers together; a parsed manifest's cannot overflow.
[[nodiscard]] std::uint64_t total_size(const Manifest& manifest);

}  // namespace nacre::oci
