#include "oci-spec/runtime/spec.h"

namespace nacre::oci {

const Namespace* Spec::find_namespace(NamespaceType type) const {
  for (const Namespace& candidate : linux_.namespaces) {
    if (candidate.type == type) return &candidate;
  }
  return nullptr;
}

}  // namespace nacre::oci
