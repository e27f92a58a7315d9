#include "oci-spec/image/codecs.h"
#include "oci-spec/image/document.h"

namespace nacre::json {
namespace {

using Descriptors = AtMost<oci::Descriptor, oci::kMostDescriptors>;

// Looked at before the rest is read (document.cc), so that only writing is left.
template <class T>
struct SchemaVersion {
  static Result<void> read(const Cursor& /*at*/, T& /*out*/) { return {}; }
  static void write(Writer& out, const T& /*value*/) { out.number(std::uint64_t{2}); }
  static bool is_default(const T& /*value*/) { return false; }
};

}  // namespace

template <>
std::span<const Field> StrictObject<oci::Manifest>::fields() {
  static constexpr auto kFields = table<oci::Manifest>({
      field_of_whole<oci::Manifest, SchemaVersion<oci::Manifest>>("schemaVersion"),
      field<&oci::Manifest::media_type, OptionalMediaType>("mediaType"),
      field<&oci::Manifest::artifact_type, OptionalMediaType>("artifactType"),
      field<&oci::Manifest::config>("config", kRequired),
      field<&oci::Manifest::layers, Descriptors>("layers", kAlways),
      field<&oci::Manifest::subject>("subject"),
      field<&oci::Manifest::annotations>("annotations"),
  });
  return kFields;
}

template <>
std::span<const Field> StrictObject<oci::Index>::fields() {
  static constexpr auto kFields = table<oci::Index>({
      field_of_whole<oci::Index, SchemaVersion<oci::Index>>("schemaVersion"),
      field<&oci::Index::media_type, OptionalMediaType>("mediaType"),
      field<&oci::Index::artifact_type, OptionalMediaType>("artifactType"),
      field<&oci::Index::manifests, Descriptors>("manifests", kAlways),
      field<&oci::Index::subject>("subject"),
      field<&oci::Index::annotations>("annotations"),
  });
  return kFields;
}

}  // namespace nacre::json

namespace nacre::oci {

std::string to_json(const Manifest& manifest) { return json::write_document(manifest, {}); }
std::string to_json(const Index& index) { return json::write_document(index, {}); }

}  // namespace nacre::oci
