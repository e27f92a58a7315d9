#include "oci-spec/runtime/codecs.h"
#include "oci-spec/runtime/parse.h"
#include "oci-spec/runtime/write.h"

namespace nacre::json {

template <>
struct Codec<oci::Root> : Object<oci::Root> {
  static constexpr auto kFields = table<oci::Root>({
      field<&oci::Root::path>("path", kRequired),
      field<&oci::Root::readonly>("readonly"),
  });
};

template <>
struct Codec<oci::Spec> : Object<oci::Spec> {
  static constexpr auto kFields = table<oci::Spec>({
      field<&oci::Spec::oci_version>("ociVersion", kRequired),
      field<&oci::Spec::process>("process"),
      field<&oci::Spec::root>("root"),
      field<&oci::Spec::hostname>("hostname"),
      field<&oci::Spec::domainname>("domainname"),
      field<&oci::Spec::mounts>("mounts"),
      field<&oci::Spec::hooks>("hooks"),
      field<&oci::Spec::annotations>("annotations"),
      field<&oci::Spec::linux_>("linux"),
  });
};

}  // namespace nacre::json

namespace nacre::oci {

Result<Spec> parse_spec(std::string_view bytes) {
  return NACRE_TRY_CTX(json::parse_document<Spec>(bytes, ""), "config.json");
}

std::string to_json(const Spec& spec) { return json::write_document(spec, "\t"); }

}  // namespace nacre::oci
