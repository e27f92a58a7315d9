#include "oci-spec/runtime/codecs.h"

namespace nacre::json {

template <>
std::span<const Field> SharedObject<oci::IdMapping>::fields() {
  static constexpr auto kFields = table<oci::IdMapping>({
      field<&oci::IdMapping::container_id>("containerID", kRequired),
      field<&oci::IdMapping::host_id>("hostID", kRequired),
      field<&oci::IdMapping::size>("size", kRequired),
  });
  return kFields;
}

template <>
std::span<const Field> SharedObject<oci::Mount>::fields() {
  static constexpr auto kFields = table<oci::Mount>({
      field<&oci::Mount::destination>("destination", kRequired),
      field<&oci::Mount::type>("type"),
      field<&oci::Mount::source>("source"),
      field<&oci::Mount::options>("options"),
      field<&oci::Mount::uid_mappings>("uidMappings"),
      field<&oci::Mount::gid_mappings>("gidMappings"),
  });
  return kFields;
}

}  // namespace nacre::json
