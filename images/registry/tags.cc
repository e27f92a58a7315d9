#include <set>

#include "base/text.h"
#include "images/registry/pages.h"
#include "images/registry/reply.h"
#include "oci-spec/json/fields.h"

namespace nacre::images::registry {
namespace {

constexpr std::size_t kLargestPage = std::size_t{8} << 20U;

struct TagPage {
  std::vector<std::string> tags;
};

}  // namespace
}  // namespace nacre::images::registry

namespace nacre::json {

using images::registry::TagPage;

template <>
struct Codec<TagPage> : Object<TagPage> {
  static constexpr auto kFields = table<TagPage>({
      field<&TagPage::tags>("tags"),
  });
};

}  // namespace nacre::json

namespace nacre::images::registry {
namespace {

// Names that could not be asked for afterwards, or would spoil a terminal, are no tags.
bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > 128 || text.front() == '.' || text.front() == '-') return false;
  return text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
         std::string_view::npos;
}

Result<void> add_page(std::string_view body, std::vector<std::string>& tags) {
  const auto document = NACRE_TRY(json::Document::parse(body, {.bytes = kLargestPage}));
  TagPage page;
  NACRE_TRY(json::Codec<TagPage>::read(json::Cursor(document, ""), page));
  for (std::string& tag : page.tags) {
    if (!is_tag(tag)) return fail(invalid_argument(text::quote(tag.substr(0, 200)) + " is no tag"));
    tags.push_back(std::move(tag));
  }
  if (tags.size() <= kMostTags) return {};
  return fail(Error(ErrorCode::kResourceExhausted, text::join("more than ", kMostTags, " tags")));
}

}  // namespace

Result<std::vector<std::string>> list_tags(Session& session, const std::stop_token& stop) {
  const std::string context = text::join("tags of ", session.base().shown());
  std::vector<std::string> out;
  Call call{.path = "/tags/list", .query = {{"n", "1000"}}};
  std::set<std::string> seen;
  for (std::size_t page = 0; page < kMostPages; ++page) {
    const auto response = NACRE_TRY(session.send(call, stop));
    NACRE_TRY(expect_status(*response, {200}, context));
    const std::string body = NACRE_TRY_CTX(read_text(*response, kLargestPage), context);
    NACRE_TRY_CTX(add_page(body, out), context);
    const auto next = next_link(response->headers());
    if (!next) return out;
    Url from = session.base();
    from.path += "/tags/list";
    const Url to = NACRE_TRY_CTX(resolve_location(from, *next), context);
    if (!same_origin(to, from) || !seen.insert(to.text()).second)
      return fail(failed_precondition(context + ": the next page leads astray"));
    call = Call{.location = to};
  }
  return fail(Error(ErrorCode::kResourceExhausted,
                    text::join(context, ": more than ", kMostPages, " pages")));
}

Result<std::vector<std::string>> list_tags(Client& client, const Repository& repository,
                                           const std::stop_token& stop) {
  const Hosts hosts =
      NACRE_TRY(client.hosts(repository.host(), repository.path(), Need::kResolve, false));
  return first_of(hosts, [&](Session& host) { return list_tags(host, stop); });
}

}  // namespace nacre::images::registry
