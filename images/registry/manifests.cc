#include "images/registry/manifests.h"

#include "base/text.h"
#include "images/registry/reply.h"
#include "images/stream/hasher.h"
#include "images/stream/memory.h"
#include "oci-spec/image/media_types.h"

namespace nacre::images::registry {
namespace {

std::string what(Session& session, std::string_view method, std::string_view object) {
  return text::join(method, " ", session.base().shown(), "/manifests/", object);
}

Call make_call(std::string method, const std::string& object) {
  Call call{.method = std::move(method), .path = "/manifests/" + object};
  call.headers.set("Accept", accepted_types());
  return call;
}

Result<oci::Digest> hash(std::string_view bytes, const oci::Digest& like) {
  Hasher hasher = like.empty() ? Hasher() : Hasher(like);
  hasher.update(as_bytes(bytes));
  return hasher.finish();
}

std::string type_of(const oci::ImageDocument& document) {
  return std::visit([](const auto& one) { return one.media_type; }, document);
}

// The header speaks of the same bytes, perhaps with another algorithm than the one asked for.
Result<void> check_header(const Response& response, std::string_view bytes) {
  const auto header = response.headers().find("Docker-Content-Digest");
  if (!header) return {};
  const auto told = NACRE_TRY_CTX(oci::Digest::parse(*header), "Docker-Content-Digest");
  const auto found = NACRE_TRY(hash(bytes, told));
  if (found == told) return {};
  return fail(failed_precondition(
      text::join("Docker-Content-Digest says ", told.text(), ", the bytes have ", found.text())));
}

std::string declared(const Response& response) {
  return oci::declared_type(response.headers().find("Content-Type").value_or(""));
}

Result<FetchedDocument> check(const Response& response, std::string bytes,
                              const oci::Digest& expected) {
  NACRE_TRY(check_header(response, bytes));
  FetchedDocument out;
  out.descriptor.digest = NACRE_TRY(hash(bytes, expected));
  if (!expected.empty() && out.descriptor.digest != expected) {
    return fail(failed_precondition(
        text::join("asked for ", expected.text(), ", got ", out.descriptor.digest.text())));
  }
  const auto document = NACRE_TRY(oci::parse_image_document(bytes, declared(response)));
  out.descriptor.media_type = type_of(document);
  out.descriptor.size = bytes.size();
  out.etag = std::string(response.headers().find("ETag").value_or(""));
  out.bytes = std::move(bytes);
  return out;
}

void make_conditional(Headers& headers, const std::string& etag) {
  if (etag.empty()) return;
  if (etag == "*") {
    headers.set("If-None-Match", "*");
  } else {
    headers.set("If-Match", etag);
  }
}

}  // namespace

std::string accepted_types() {
  return text::join(oci::media::kIndex, ", ", oci::media::kManifest, ", ",
                    oci::media::kDockerManifestList, ", ", oci::media::kDockerManifest);
}

Result<std::optional<oci::Descriptor>> head_manifest(Session& session, const std::string& object,
                                                     const std::stop_token& stop) {
  const auto response = NACRE_TRY(session.send(make_call("HEAD", object), stop));
  const unsigned status = response->status();
  if (status == 405 || status == 400 || status == 501) return std::nullopt;
  NACRE_TRY(expect_status(*response, {200}, what(session, "HEAD", object)));
  const auto header = response->headers().find("Docker-Content-Digest");
  const auto digest = oci::Digest::parse(header.value_or(""));
  oci::Descriptor out;
  out.media_type = declared(*response);
  const auto length = response->content_length();
  if (!digest || !length || !oci::document_kind(out.media_type)) return std::nullopt;
  out.digest = *digest;
  out.size = *length;
  return out;
}

Result<FetchedDocument> get_manifest(Session& session, const std::string& object,
                                     const oci::Digest& expected, const std::stop_token& stop) {
  const std::string context = what(session, "GET", object);
  const auto response = NACRE_TRY(session.send(make_call("GET", object), stop));
  NACRE_TRY(expect_status(*response, {200}, context));
  std::string bytes = NACRE_TRY_CTX(read_text(*response, oci::kMostDocumentBytes), context);
  return NACRE_TRY_CTX(check(*response, std::move(bytes), expected), context);
}

Result<PutOutcome> put_manifest(Session& session, const std::string& object,
                                const oci::Descriptor& descriptor, const std::string& bytes,
                                const std::string& etag, const std::stop_token& stop) {
  const std::string context = what(session, "PUT", object);
  Call call{.method = "PUT", .path = "/manifests/" + object, .actions = "pull,push"};
  call.headers.set("Content-Type", descriptor.media_type);
  make_conditional(call.headers, etag);
  call.body = [&]() -> Result<std::unique_ptr<Source>> {
    return std::make_unique<MemorySource>(std::string_view(bytes));
  };
  call.body_size = bytes.size();
  const auto response = NACRE_TRY(session.send(call, stop));
  if (response->status() == 412)
    return fail(Error(ErrorCode::kUnavailable, context + ": somebody else has changed it"));
  NACRE_TRY(expect_status(*response, {200, 201, 202}, context));
  NACRE_TRY_CTX(check_header(*response, bytes), context);
  return PutOutcome{response->headers().find("OCI-Subject").has_value()};
}

}  // namespace nacre::images::registry
