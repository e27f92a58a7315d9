#include "images/formats/load_documents.h"

#include "base/text.h"
#include "images/stream/hasher.h"
#include "images/stream/memory.h"
#include "oci-spec/image/layout.h"

namespace nacre::images {
namespace {

// Documents are kept in memory until they are stored.
constexpr std::uint64_t kMostBytes = std::uint64_t{32} << 20U;

Result<void> check_bytes(const oci::Descriptor& descriptor, const std::string& bytes) {
  Hasher hasher(descriptor.digest);
  hasher.update(as_bytes(bytes));
  const oci::Digest actual = NACRE_TRY(hasher.finish());
  if (bytes.size() == descriptor.size && actual == descriptor.digest) return {};
  return fail(invalid_argument(text::join("document ", descriptor.digest.text(), " should have ",
                                          descriptor.size, " bytes, and is ", actual.text(), " of ",
                                          bytes.size(), " bytes")));
}

Error not_there(const oci::Descriptor& descriptor) {
  return invalid_argument(text::join("document ", descriptor.digest.text(), " is missing"));
}

}  // namespace

Result<const std::string*> LayoutDocuments::find(const oci::Descriptor& descriptor,
                                                 std::size_t limit) {
  const auto known = read_.find(descriptor.digest);
  if (known != read_.end()) {
    if (known->second.size() != descriptor.size) NACRE_TRY(check_bytes(descriptor, known->second));
    return &known->second;
  }
  auto bytes = NACRE_TRY(look_up(descriptor, limit));
  if (!bytes) return nullptr;
  NACRE_TRY(check_bytes(descriptor, *bytes));
  bytes_ += bytes->size();
  if (bytes_ > kMostBytes) {
    return fail(Error(ErrorCode::kResourceExhausted,
                      text::join("the documents have more than ", kMostBytes, " bytes")));
  }
  return &read_.emplace(descriptor.digest, *std::move(bytes)).first->second;
}

Result<std::optional<std::string>> LayoutDocuments::look_up(const oci::Descriptor& descriptor,
                                                            std::size_t limit) {
  NACRE_TRY(context_.check_stop());
  if (descriptor.size > limit) {
    return fail(Error(ErrorCode::kResourceExhausted,
                      text::join("document ", descriptor.digest.text(), ": ", descriptor.size,
                                 " bytes are more than ", limit)));
  }
  auto member =
      NACRE_TRY(read_member(context_.members, oci::layout_path(descriptor.digest), limit));
  if (member) return member;
  if (!descriptor.data.empty()) return descriptor.data;
  if (!NACRE_TRY(context_.store.find_blob(descriptor.digest))) return std::nullopt;
  return NACRE_TRY(context_.store.read_document(descriptor.digest, limit));
}

Result<oci::ImageDocument> LayoutDocuments::parsed(const oci::Descriptor& descriptor) {
  const std::string* bytes = NACRE_TRY(find(descriptor, oci::kMostDocumentBytes));
  if (bytes == nullptr) return fail(not_there(descriptor));
  return NACRE_TRY_CTX(oci::parse_image_document(*bytes, descriptor),
                       text::join("document ", descriptor.digest.text()));
}

Result<oci::ImageConfig> LayoutDocuments::config(const oci::Descriptor& descriptor) {
  const std::string* bytes = NACRE_TRY(find(descriptor, oci::kMostConfigBytes));
  if (bytes == nullptr) return fail(not_there(descriptor));
  return NACRE_TRY_CTX(oci::parse_image_config(*bytes),
                       text::join("document ", descriptor.digest.text()));
}

}  // namespace nacre::images
