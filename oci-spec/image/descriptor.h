// image-spec 1.1, descriptor.md: what is pointed at, how big it is, and what it must hash to.
//
// Plain values, copied freely. Written in the order of the spec, with what is empty left out.
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
  std::string media_type;  // type/subtype
  Digest digest;
  std::uint64_t size = 0;  // bytes, below 2^63; a negative or fractional number is refused
  std::vector<std::string> urls;
  std::map<std::string, std::string> annotations;
  // The content itself, decoded from base64; has `size` bytes (checked when it is read). Nobody has
  // hashed it: that takes a library that this module does not have. Whoever uses it instead of
  // fetching the blob puts it through the same check of size and digest as fetched bytes.
  std::string data;
  std::optional<Platform> platform;
  std::string artifact_type;

  friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

}  // namespace nacre::oci
