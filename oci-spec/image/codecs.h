// What the codec files of images share. Internal to oci-spec/image.
#pragma once

#include "oci-spec/image/image_config.h"
#include "oci-spec/image/index.h"
#include "oci-spec/image/manifest.h"
#include "oci-spec/json/strict.h"
#include "oci-spec/json/whole.h"

namespace nacre::json {

template <>
struct Codec<oci::Digest> {
  static Result<void> read(const Cursor& at, oci::Digest& out);
  static void write(Writer& out, const oci::Digest& value) { out.string(value.text()); }
};

// A media type; kRequired fields may not have an empty one, see OptionalMediaType.
struct MediaType {
  static Result<void> read(const Cursor& at, std::string& out);
  static void write(Writer& out, const std::string& value) { out.string(value); }
};

// An empty text says no more than none.
struct OptionalMediaType : MediaType {
  static Result<void> read(const Cursor& at, std::string& out);
};

template <>
struct Codec<oci::Platform> : StrictObject<oci::Platform> {};  // codec_descriptor.cc
template <>
struct Codec<oci::Descriptor> : StrictObject<oci::Descriptor> {  // codec_descriptor.cc
  static Result<void> read(const Cursor& at, oci::Descriptor& out);
};
template <>
struct Codec<oci::Manifest> : StrictObject<oci::Manifest> {};  // codec_manifest.cc
template <>
struct Codec<oci::Index> : StrictObject<oci::Index> {};  // codec_manifest.cc
template <>
struct Codec<oci::ImageConfig> : StrictObject<oci::ImageConfig> {};  // codec_image_config.cc

template <>
std::span<const Field> StrictObject<oci::Platform>::fields();
template <>
std::span<const Field> StrictObject<oci::Descriptor>::fields();
template <>
std::span<const Field> StrictObject<oci::Manifest>::fields();
template <>
std::span<const Field> StrictObject<oci::Index>::fields();
template <>
std::span<const Field> StrictObject<oci::ImageConfig>::fields();

}  // namespace nacre::json
