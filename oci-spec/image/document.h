// What a registry or a layout gives for a tag or a digest: a manifest or an index, and which of the
// two is never a matter of opinion (CVE-2021-41190).
//
// Pure: no files, no hashes. That bytes have the digest they were asked for by is known before they
// come here. Limits: 4 MiB, 64 levels, kMostDescriptors in one list. Of a document's objects no key
// may be given twice, or in other letters than the spec's (json/strict.h); unknown keys are
// ignored.
#pragma once

#include <string_view>
#include <variant>

#include "oci-spec/image/image_config.h"
#include "oci-spec/image/index.h"
#include "oci-spec/image/manifest.h"

namespace nacre::oci {

inline constexpr std::size_t kMostDocumentBytes = std::size_t{4} << 20U;
// Of layers or manifests. No file system stacks more than 500 layers; artifacts have more.
inline constexpr std::size_t kMostDescriptors = 4096;

using ImageDocument = std::variant<Manifest, Index>;

// `declared` is what was said about the bytes elsewhere: a descriptor's media type, or that of an
// HTTP answer through declared_type(); empty if nothing was said. The document's own mediaType must
// be the same, and its shape must be what the type says. Docker's formats must name their type.
//
// invalid_argument, one sentence with the place by its JSON path, for what is malformed, for what
// is both or neither, for disagreement about the type. kUnsupported for Docker's schema 1 and for
// types that are neither a manifest nor an index.
[[nodiscard]] Result<ImageDocument> parse_image_document(std::string_view bytes,
                                                         std::string_view declared);

// The same for the content of a descriptor: its size and media type must be right too.
[[nodiscard]] Result<ImageDocument> parse_image_document(std::string_view bytes,
                                                         const Descriptor& described_by);

// Where only one of the two will do; the other one is invalid_argument.
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view bytes, std::string_view declared);
[[nodiscard]] Result<Index> parse_index(std::string_view bytes, std::string_view declared);

// What a document points at and cannot do without: configuration and layers, or manifests. The
// subject is not among them: it may be anywhere.
[[nodiscard]] std::vector<Descriptor> children(const ImageDocument& document);

// That configuration and manifest tell of the same layers, and that every one can be unpacked.
// invalid_argument for an artifact or different numbers of layers and diffIDs, kUnsupported for a
// type of layer that we do not know. That a layer hashes to its diffID turns out when it is
// unpacked.
[[nodiscard]] Result<void> check_layers(const Manifest& manifest, const ImageConfig& config);

}  // namespace nacre::oci
