#include "images/formats/names.h"

#include "base/text.h"
#include "images/reference/reference.h"
#include "oci-spec/image/annotations.h"

namespace nacre::images {
namespace {

const std::string* annotation_of(const oci::Descriptor& entry, std::string_view key) {
  const auto found = entry.annotations.find(std::string(key));
  return found == entry.annotations.end() || found->second.empty() ? nullptr : &found->second;
}

// "debian" by itself is a tag as well as a name: the spec calls this annotation a tag.
bool may_be_whole(std::string_view ref_name) {
  return ref_name.find_first_of("/:@") != std::string_view::npos;
}

}  // namespace

Result<EntryName> name_of_entry(const oci::Descriptor& entry) {
  if (const std::string* whole = annotation_of(entry, oci::annotation::kContainerdImageName)) {
    const Reference name = NACRE_TRY_CTX(
        Reference::parse(*whole), text::join("annotation ", oci::annotation::kContainerdImageName));
    return EntryName{.text = name.text()};
  }
  const std::string* ref_name = annotation_of(entry, oci::annotation::kRefName);
  if (ref_name == nullptr) return EntryName{};
  if (may_be_whole(*ref_name)) {
    if (const auto name = Reference::parse(*ref_name)) return EntryName{.text = name->text()};
  }
  return EntryName{.ignored = *ref_name};
}

Result<std::string> name_of_repo_tag(std::string_view tag) {
  const Reference name = NACRE_TRY(Reference::parse(tag));
  if (name.digest().empty()) return name.text();
  return fail(invalid_argument(text::join("image name ", text::quote(tag), ": has a digest")));
}

Result<void> check_promise(const std::string& name, const oci::Descriptor& target) {
  const Reference reference = NACRE_TRY(Reference::parse(name));
  if (reference.digest().empty() || reference.digest() == target.digest) return {};
  return fail(invalid_argument(
      text::join("image name ", text::quote(name), ": the image is ", target.digest.text())));
}

Result<oci::Descriptor> named_entry(const oci::Descriptor& target, const std::string& name) {
  const Reference reference = NACRE_TRY(Reference::parse(name));
  oci::Descriptor entry = target;
  entry.annotations[std::string(oci::annotation::kContainerdImageName)] = reference.text();
  if (!reference.tag().empty())
    entry.annotations[std::string(oci::annotation::kRefName)] = reference.tag();
  return entry;
}

Result<std::string> repo_tag(const std::string& name) {
  const Reference reference = NACRE_TRY(Reference::parse(name));
  if (reference.tag().empty()) return std::string();
  return NACRE_TRY(reference.with_tag(reference.tag())).familiar();
}

oci::Descriptor plain_target(oci::Descriptor entry) {
  entry.annotations.erase(std::string(oci::annotation::kContainerdImageName));
  entry.annotations.erase(std::string(oci::annotation::kRefName));
  entry.platform.reset();
  entry.urls.clear();
  entry.data.clear();
  return entry;
}

}  // namespace nacre::images
