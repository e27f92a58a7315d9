// Manifests at one host: what a tag means, and the documents themselves.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "images/registry/session.h"
#include "oci-spec/image/document.h"

namespace nacre::images::registry {

struct FetchedDocument {
  oci::Descriptor descriptor;  // as hashed here, with the media type that was found to be right
  std::string bytes;           // exactly as they came
  std::string etag;            // as the server calls this state of a tag; "" when it does not
};

// What we can read, for the Accept header.
[[nodiscard]] std::string accepted_types();

// HEAD: costs no quota where pulls are counted. Nothing when the host does not say all that a
// descriptor needs; then only GET will do. kNotFound when there is no such tag.
[[nodiscard]] Result<std::optional<oci::Descriptor>> head_manifest(Session& session,
                                                                   const std::string& object,
                                                                   const std::stop_token& stop);

// GET. `object` is a tag or a digest; with a digest in `expected` the bytes must have it
// (failed_precondition). Checked besides: Docker-Content-Digest if it is there, that type and shape
// agree (parse_image_document), 4 MiB at most.
[[nodiscard]] Result<FetchedDocument> get_manifest(Session& session, const std::string& object,
                                                   const oci::Digest& expected,
                                                   const std::stop_token& stop);

struct PutOutcome {
  bool subject_handled = false;  // the registry keeps the list of referrers itself
};
// `object` is a tag or the digest. The bytes go out as they are; `etag` (may be empty) makes it
// conditional: kUnavailable when somebody else was faster, "*" for "must not exist".
[[nodiscard]] Result<PutOutcome> put_manifest(Session& session, const std::string& object,
                                              const oci::Descriptor& descriptor,
                                              const std::string& bytes, const std::string& etag,
                                              const std::stop_token& stop);

}  // namespace nacre::images::registry
