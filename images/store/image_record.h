// A name for an image.
#pragma once

#include <cstdint>
#include <string>

#include "oci-spec/image/descriptor.h"

namespace nacre::images {

struct ImageRecord {
  std::string name;  // Reference::text()
  // A manifest or an index. Of the descriptor are kept: media_type, digest, size, artifact_type and
  // annotations.
  oci::Descriptor target;
  std::int64_t created = 0;  // seconds since 1970: when the name was first given
  std::int64_t updated = 0;  // when it was last pointed somewhere
};

}  // namespace nacre::images
