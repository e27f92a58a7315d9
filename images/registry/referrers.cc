#include <algorithm>
#include <set>

#include "base/text.h"
#include "images/registry/manifests.h"
#include "images/registry/pages.h"
#include "images/registry/reply.h"
#include "images/stream/hasher.h"
#include "images/stream/memory.h"
#include "oci-spec/image/document.h"
#include "oci-spec/image/media_types.h"

namespace nacre::images::registry {
namespace {

constexpr int kMostConflicts = 5;

void keep_type(std::vector<oci::Descriptor>& list, const std::string& artifact_type) {
  if (artifact_type.empty()) return;
  std::erase_if(list,
                [&](const oci::Descriptor& one) { return one.artifact_type != artifact_type; });
}

// Nothing when the registry has no such API.
Result<std::optional<std::vector<oci::Descriptor>>> ask_api(Session& session,
                                                            const oci::Digest& subject,
                                                            const std::string& artifact_type,
                                                            const std::stop_token& stop) {
  Url from = session.base();
  text::append(from.path, "/referrers/", subject.text());
  const std::string context = "referrers at " + from.shown();
  Call call{.path = "/referrers/" + subject.text()};
  if (!artifact_type.empty()) call.query.emplace_back("artifactType", artifact_type);
  call.headers.set("Accept", std::string(oci::media::kIndex));
  std::vector<oci::Descriptor> out;
  std::set<std::string> seen;
  for (std::size_t page = 0; page < kMostPages; ++page) {
    const auto response = NACRE_TRY(session.send(call, stop));
    if (page == 0 && response->status() == 404) return std::nullopt;
    NACRE_TRY(expect_status(*response, {200}, context));
    const std::string body = NACRE_TRY_CTX(read_text(*response, oci::kMostDocumentBytes), context);
    const std::string type =
        oci::declared_type(response->headers().find("Content-Type").value_or(""));
    oci::Index index = NACRE_TRY_CTX(oci::parse_index(body, type), context);
    for (oci::Descriptor& one : index.manifests) out.push_back(std::move(one));
    const auto next = next_link(response->headers());
    if (!next) return out;
    const Url to = NACRE_TRY_CTX(resolve_location(from, *next), context);
    if (!same_origin(to, from) || !seen.insert(to.text()).second)
      return fail(failed_precondition(context + ": the next page leads astray"));
    call.location = to;
    call.query.clear();
  }
  return fail(Error(ErrorCode::kResourceExhausted,
                    text::join(context, ": more than ", kMostPages, " pages")));
}

struct TaggedList {
  oci::Index index;
  std::string etag;  // "*": the tag does not exist yet
};

Result<TaggedList> get_tagged(Session& session, const oci::Digest& subject,
                              const std::stop_token& stop) {
  auto fetched = get_manifest(session, referrers_tag(subject), {}, stop);
  if (!fetched && fetched.error().code() == ErrorCode::kNotFound) {
    oci::Index empty;
    empty.media_type = std::string(oci::media::kIndex);
    return TaggedList{std::move(empty), "*"};
  }
  if (!fetched) return fail(std::move(fetched).error());
  TaggedList out;
  out.index = NACRE_TRY_CTX(oci::parse_index(fetched->bytes, fetched->descriptor.media_type),
                            text::join("referrers under ", referrers_tag(subject)));
  out.etag = std::move(fetched->etag);
  return out;
}

Result<void> put_tagged(Session& session, const oci::Digest& subject, const TaggedList& list,
                        const std::stop_token& stop) {
  const std::string bytes = oci::to_json(list.index);
  Hasher hasher;
  hasher.update(as_bytes(bytes));
  const oci::Descriptor descriptor{.media_type = list.index.media_type,
                                   .digest = NACRE_TRY(hasher.finish()),
                                   .size = bytes.size()};
  static_cast<void>(
      NACRE_TRY(put_manifest(session, referrers_tag(subject), descriptor, bytes, list.etag, stop)));
  return {};
}

}  // namespace

std::string referrers_tag(const oci::Digest& subject) {
  // The tag schema cuts what is too long for a tag.
  constexpr std::size_t kLongestAlgorithm = 32;
  constexpr std::size_t kLongestHex = 64;
  return text::join(subject.algorithm().substr(0, kLongestAlgorithm), '-',
                    subject.hex().substr(0, kLongestHex));
}

Result<std::vector<oci::Descriptor>> list_referrers(Session& session, const oci::Digest& subject,
                                                    const std::string& artifact_type,
                                                    const std::stop_token& stop) {
  auto list = NACRE_TRY(ask_api(session, subject, artifact_type, stop));
  if (!list) list = NACRE_TRY(get_tagged(session, subject, stop)).index.manifests;
  // A registry may leave the filtering to us, and the tag always does.
  keep_type(*list, artifact_type);
  return *std::move(list);
}

Result<std::vector<oci::Descriptor>> list_referrers(Client& client, const Repository& repository,
                                                    const oci::Digest& subject,
                                                    const std::string& artifact_type,
                                                    const std::stop_token& stop) {
  // What refers to something is as much a matter of opinion as what a tag means.
  const Hosts hosts =
      NACRE_TRY(client.hosts(repository.host(), repository.path(), Need::kResolve, false));
  return first_of(
      hosts, [&](Session& host) { return list_referrers(host, subject, artifact_type, stop); });
}

Result<void> add_referrer(Session& session, const oci::Digest& subject,
                          const oci::Descriptor& referrer, const std::stop_token& stop) {
  for (int conflict = 0;; ++conflict) {
    TaggedList list = NACRE_TRY(get_tagged(session, subject, stop));
    const bool there = std::ranges::any_of(list.index.manifests, [&](const oci::Descriptor& one) {
      return one.digest == referrer.digest;
    });
    if (there) return {};
    list.index.manifests.push_back(referrer);
    auto done = put_tagged(session, subject, list, stop);
    if (done || done.error().code() != ErrorCode::kUnavailable || conflict == kMostConflicts)
      return done;
  }
}

}  // namespace nacre::images::registry
