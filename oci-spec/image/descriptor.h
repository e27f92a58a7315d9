// image-spec 1.1, descriptor.md: what is pointed at, how big it is, and what it must hash to.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "oci-spec/image/digest.h"
#include "oci-spec/image/platform.h"

namespace nacre::oci {

struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;  // bytes; a negative or fractional number is refused by the codec
  std::vector<std::string> urls;
  std::map<std::string, std::string> annotations;
  std::string data;  // base64; must hash to `digest` (checked by the codec)
  std::optional<Platform> platform;
  std::string artifact_type;

  friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

}  // namespace nacre::oci
