#include "oci-spec/image/head.h"

#include "base/text.h"
#include "oci-spec/image/codecs.h"
#include "oci-spec/json/path.h"

namespace nacre::oci {
namespace {

// Every key that decides, for the check that none of them comes in another spelling.
constexpr json::Field kDecisive[] = {
    {.key = "schemaVersion"}, {.key = "mediaType"}, {.key = "config"},
    {.key = "layers"},        {.key = "manifests"}, {.key = "fsLayers"},
};

std::string_view name_of(DocumentKind kind) {
  return kind == DocumentKind::kManifest ? "a manifest" : "an index";
}

Result<void> read_member(const json::Cursor& member, std::string_view key, Head& head) {
  if (key == "config") head.has_config = true;
  if (key == "layers") head.has_layers = true;
  if (key == "manifests") head.has_manifests = true;
  if (key == "fsLayers") head.has_fs_layers = true;
  if (member.is_null()) return {};
  if (key == "schemaVersion")
    return json::Codec<std::optional<std::uint64_t>>::read(member, head.schema_version);
  if (key == "mediaType") return json::OptionalMediaType::read(member, head.media_type);
  return {};
}

Result<void> refuse_schema1(const Head& head, std::string_view declared) {
  const bool schema1 = head.schema_version == 1U || head.has_fs_layers || is_schema1(declared) ||
                       is_schema1(head.media_type);
  if (!schema1) return {};
  return fail(unsupported(
      "Docker's manifests of schema 1 are not read: the image has to be pushed again in a current "
      "format"));
}

Result<void> check_schema_version(const Head& head) {
  if (head.schema_version == 2U) return {};
  if (!head.schema_version) return fail(invalid_argument("schemaVersion: is missing"));
  return fail(invalid_argument(text::join("schemaVersion: must be 2, not ", *head.schema_version)));
}

// The type that was declared, the document's own, or nothing.
Result<std::string> agreed_type(const Head& head, std::string_view declared) {
  if (!declared.empty() && !head.media_type.empty() && declared != head.media_type)
    return fail(invalid_argument(text::join("mediaType: is ", json::excerpt(head.media_type),
                                            ", but the document was announced as ",
                                            json::excerpt(declared))));
  std::string type = head.media_type.empty() ? std::string(declared) : head.media_type;
  if (!type.empty() && !document_kind(type))
    return fail(unsupported(
        text::join("the media type ", json::excerpt(type), " is neither a manifest nor an index")));
  const bool is_docker = type == media::kDockerManifest || type == media::kDockerManifestList;
  if (is_docker && head.media_type.empty())
    return fail(invalid_argument(text::join("mediaType: is missing, which ", type, " must have")));
  return type;
}

Result<DocumentKind> shape_of(const Head& head) {
  const bool manifest = head.has_config || head.has_layers;
  if (manifest && head.has_manifests)
    return fail(invalid_argument(text::join("is both a manifest (",
                                            head.has_config ? "\"config\"" : "\"layers\"",
                                            ") and an index (\"manifests\")")));
  if (!manifest && !head.has_manifests)
    return fail(invalid_argument(
        "is neither a manifest, which has \"config\", nor an index, which has \"manifests\""));
  return manifest ? DocumentKind::kManifest : DocumentKind::kIndex;
}

}  // namespace

Result<Head> read_head(const json::Cursor& root) {
  NACRE_TRY(root.expect(json::Kind::kObject));
  NACRE_TRY(json::check_keys(root, kDecisive));
  Head head;
  for (auto i = root.first_child(); i != root.end_of_children(); i = root.next_child(i))
    NACRE_TRY(read_member(root.member(i), root.key_of(i), head));
  return head;
}

Result<Verdict> judge(const Head& head, std::string_view declared) {
  NACRE_TRY(refuse_schema1(head, declared));
  const DocumentKind shape = NACRE_TRY(shape_of(head));
  NACRE_TRY(check_schema_version(head));
  std::string type = NACRE_TRY(agreed_type(head, declared));
  if (type.empty()) type = shape == DocumentKind::kManifest ? media::kManifest : media::kIndex;
  if (document_kind(type) == shape) return Verdict{shape, std::move(type)};
  return fail(
      invalid_argument(text::join("the media type ", json::excerpt(type), " is not that of ",
                                  name_of(shape), ", which is what the document is")));
}

}  // namespace nacre::oci
