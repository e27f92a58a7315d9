// The names that an archive gives to its images. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "oci-spec/image/descriptor.h"

namespace nacre::images {

// What an entry of index.json calls its image: Reference::text(), or nothing.
//
// io.containerd.image.name is a whole name, and anything else there is invalid_argument. The
// ref.name of the image-spec is a whole name (buildah, skopeo), only a tag, or any word: what is no
// whole name says nothing without a repository.
struct EntryName {
  std::string text;     // Reference::text(); empty: none
  std::string ignored;  // a ref.name that could not be used
};
[[nodiscard]] Result<EntryName> name_of_entry(const oci::Descriptor& entry);

// One of RepoTags. invalid_argument: no name of an image, or one with a digest.
[[nodiscard]] Result<std::string> name_of_repo_tag(std::string_view tag);

// A name that promises a digest has to keep it.
[[nodiscard]] Result<void> check_promise(const std::string& name, const oci::Descriptor& target);

// What names are written as: annotations of an entry in index.json (the tag, the whole name), and
// RepoTags; the latter is empty for a name without a tag.
[[nodiscard]] Result<oci::Descriptor> named_entry(const oci::Descriptor& target,
                                                  const std::string& name);
[[nodiscard]] Result<std::string> repo_tag(const std::string& name);

// The descriptor without what only its entry in index.json said.
[[nodiscard]] oci::Descriptor plain_target(oci::Descriptor entry);

}  // namespace nacre::images
