// The name of an image, as people write it and in its one full form.
//
//   debian                        docker.io/library/debian:latest
//   debian:12                     docker.io/library/debian:12
//   ghcr.io/team/app@sha256:...   the same; no tag is added beside a digest
//   debian:12@sha256:...          docker.io/library/debian:12@sha256:...
//
// Where there is a digest it says what is meant, and the tag is only told along with it. IDs of
// images and their beginnings are no names: whoever takes both asks the store for an ID first.
// Values are copied freely; thread-safe while nobody assigns to them.
#pragma once

#include <string>
#include <string_view>

#include "images/reference/repository.h"
#include "oci-spec/image/digest.h"

namespace nacre::images {

class Reference {
 public:
  // In short or in full: parse(text()) and parse(familiar()) give the same again. invalid_argument,
  // one sentence that says what is wrong: `image name "Debian": "Debian" must be in lower case`.
  [[nodiscard]] static Result<Reference> parse(std::string_view text);

  [[nodiscard]] const Repository& repository() const { return repository_; }
  [[nodiscard]] const std::string& host() const { return repository_.host(); }
  [[nodiscard]] const std::string& path() const { return repository_.path(); }
  // At least one of the two is there.
  [[nodiscard]] const std::string& tag() const { return tag_; }
  [[nodiscard]] const oci::Digest& digest() const { return digest_; }

  // What a registry is asked for, /v2/<path>/manifests/<this>: the digest if there is one.
  [[nodiscard]] const std::string& object() const;

  // The key under which the store knows the image: everything, host and tag included.
  [[nodiscard]] std::string text() const;
  // The short form for people: "debian:12".
  [[nodiscard]] std::string familiar() const;

  // Another tag of the same repository; without the digest, which was that of this one.
  [[nodiscard]] Result<Reference> with_tag(std::string_view tag) const;
  // Pinned to what the tag turned out to be.
  [[nodiscard]] Reference with_digest(const oci::Digest& digest) const;

  friend bool operator==(const Reference&, const Reference&) = default;
  friend auto operator<=>(const Reference&, const Reference&) = default;

 private:
  explicit Reference(Repository repository) : repository_(std::move(repository)) {}
  static Result<Reference> read(std::string_view text);
  [[nodiscard]] std::string with_suffix(std::string name) const;

  Repository repository_;
  std::string tag_;
  oci::Digest digest_;
};

}  // namespace nacre::images
