#include "images/formats/index_file.h"

#include <algorithm>
#include <string>

#include "oci-spec/image/annotations.h"

namespace nacre::images {
namespace {

std::string annotation_of(const oci::Descriptor& entry, std::string_view key) {
  const auto found = entry.annotations.find(std::string(key));
  return found == entry.annotations.end() ? std::string() : found->second;
}

bool replaces(const oci::Descriptor& fresh, const oci::Descriptor& old) {
  using namespace oci::annotation;
  const std::string old_name = annotation_of(old, kContainerdImageName);
  const std::string name = annotation_of(fresh, kContainerdImageName);
  if (!old_name.empty()) return name == old_name;
  const std::string old_tag = annotation_of(old, kRefName);
  if (!old_tag.empty()) return old_tag == annotation_of(fresh, kRefName) || old_tag == name;
  return fresh.digest == old.digest;
}

}  // namespace

oci::Index merged_index(oci::Index there, const std::vector<oci::Descriptor>& entries) {
  for (const oci::Descriptor& entry : entries) {
    std::erase_if(there.manifests,
                  [&](const oci::Descriptor& old) { return replaces(entry, old); });
    there.manifests.push_back(entry);
  }
  return there;
}

}  // namespace nacre::images
