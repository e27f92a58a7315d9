#include "oci-spec/runtime/codecs.h"

namespace nacre::json {

template <>
struct Codec<oci::Hook> : Object<oci::Hook> {
  static constexpr auto kFields = table<oci::Hook>({
      field<&oci::Hook::path>("path", kRequired),
      field<&oci::Hook::args>("args"),
      field<&oci::Hook::env>("env"),
      field<&oci::Hook::timeout>("timeout"),
  });
};

template <>
std::span<const Field> SharedObject<oci::Hooks>::fields() {
  static constexpr auto kFields = table<oci::Hooks>({
      field<&oci::Hooks::prestart>("prestart"),
      field<&oci::Hooks::create_runtime>("createRuntime"),
      field<&oci::Hooks::create_container>("createContainer"),
      field<&oci::Hooks::start_container>("startContainer"),
      field<&oci::Hooks::poststart>("poststart"),
      field<&oci::Hooks::poststop>("poststop"),
  });
  return kFields;
}

}  // namespace nacre::json
