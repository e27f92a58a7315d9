#include "images/registry/token.h"

#include <algorithm>

#include "base/base64.h"
#include "base/text.h"
#include "oci-spec/json/fields.h"

namespace nacre::images::registry {
namespace {

constexpr std::string_view kClient = "nacre";
constexpr std::size_t kLargestToken = std::size_t{48} << 10U;

struct TokenAnswer {
  std::string token, access_token;
  std::int64_t expires_in = 0;
};

void add_form(std::string& body, std::string_view key, std::string_view value) {
  if (!body.empty()) body += '&';
  text::append(body, key, '=', escape(value));
}

TokenRequest make_get(const TokenQuestion& question, const Credential* credential) {
  TokenRequest out{.method = "GET", .url = question.realm};
  if (!question.service.empty()) add_query(out.url, "service", question.service);
  for (const std::string& scope : question.scopes) add_query(out.url, "scope", scope);
  if (credential == nullptr || credential->username.empty()) return out;
  add_query(out.url, "account", credential->username);
  out.headers.set("Authorization", basic_authorization(*credential));
  return out;
}

TokenRequest make_post(const TokenQuestion& question, TokenMethod method,
                       const Credential& credential) {
  TokenRequest out{.method = "POST", .url = question.realm};
  const bool refresh = method == TokenMethod::kPostRefresh;
  add_form(out.body, "grant_type", refresh ? "refresh_token" : "password");
  add_form(out.body, "service", question.service);
  add_form(out.body, "client_id", kClient);
  std::string scopes;
  for (const std::string& scope : question.scopes)
    text::append(scopes, scopes.empty() ? "" : " ", scope);
  add_form(out.body, "scope", scopes);
  if (refresh) {
    add_form(out.body, "refresh_token", credential.identity_token);
  } else {
    add_form(out.body, "username", credential.username);
    add_form(out.body, "password", credential.password);
  }
  out.headers.set("Content-Type", "application/x-www-form-urlencoded");
  return out;
}

bool may_be_plain(const Url& realm, const Url& endpoint, bool plain_allowed) {
  return is_loopback(realm.host) || (plain_allowed && !endpoint.tls && realm.host == endpoint.host);
}

}  // namespace
}  // namespace nacre::images::registry

namespace nacre::json {

using images::registry::TokenAnswer;

template <>
struct Codec<TokenAnswer> : Object<TokenAnswer> {
  static constexpr auto kFields = table<TokenAnswer>({
      field<&TokenAnswer::token>("token"),
      field<&TokenAnswer::access_token>("access_token"),
      field<&TokenAnswer::expires_in>("expires_in"),
  });
};

}  // namespace nacre::json

namespace nacre::images::registry {

std::string repository_scope(std::string_view repository, std::string_view actions) {
  return text::join("repository:", repository, ':', actions);
}

Scopes merge_scopes(const Scopes& wanted, const Challenge& challenge) {
  Scopes out = wanted;
  for (const std::string_view one : text::split(challenge.param("scope"), ' '))
    if (!one.empty()) out.emplace_back(one);
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

Result<TokenQuestion> read_question(const Challenge& challenge, const Scopes& wanted,
                                    const Url& endpoint, bool plain_allowed) {
  const std::string_view realm = challenge.param("realm");
  if (realm.empty())
    return fail(
        invalid_argument(text::join(endpoint.origin(), " asks for a token and names no realm")));
  TokenQuestion out;
  out.realm = NACRE_TRY_CTX(parse_url(realm), text::join("realm of ", endpoint.origin()));
  out.service = std::string(challenge.param("service"));
  out.scopes = merge_scopes(wanted, challenge);
  if (!out.realm.tls && !may_be_plain(out.realm, endpoint, plain_allowed)) {
    return fail(Error(ErrorCode::kPermissionDenied,
                      text::join("realm ", out.realm.shown(), " of ", endpoint.origin(),
                                 " is plain HTTP: tokens and passwords are not sent there")));
  }
  return out;
}

std::vector<TokenMethod> token_methods(const Credential* credential) {
  if (credential == nullptr || credential->empty()) return {TokenMethod::kGet};
  if (credential->identity_token.empty()) return {TokenMethod::kGet, TokenMethod::kPostPassword};
  if (credential->username.empty() || credential->password.empty())
    return {TokenMethod::kPostRefresh};
  return {TokenMethod::kPostRefresh, TokenMethod::kGet};
}

TokenRequest make_token_request(const TokenQuestion& question, TokenMethod method,
                                const Credential* credential) {
  if (method == TokenMethod::kGet) return make_get(question, credential);
  return make_post(question, method, *credential);
}

Result<Token> parse_token_answer(std::string_view body) {
  const auto document = NACRE_TRY_CTX(json::Document::parse(body), "token");
  TokenAnswer answer;
  NACRE_TRY(json::Codec<TokenAnswer>::read(json::Cursor(document, "token"), answer));
  Token out;
  out.text = answer.token.empty() ? std::move(answer.access_token) : std::move(answer.token);
  if (out.text.empty()) return fail(invalid_argument("token: the answer holds none"));
  if (out.text.size() > kLargestToken)
    return fail(Error(ErrorCode::kResourceExhausted, "token: longer than 48 KiB"));
  if (!std::ranges::all_of(out.text, [](char c) { return c > ' ' && c < '\x7f'; }))
    return fail(invalid_argument("token: holds a character that cannot stand in a header"));
  constexpr std::int64_t kLongest = 86400;
  if (answer.expires_in > 0) out.lifetime = std::min(answer.expires_in, kLongest);
  return out;
}

std::string basic_authorization(const Credential& credential) {
  return "Basic " + base64::encode(text::join(credential.username, ':', credential.password));
}

}  // namespace nacre::images::registry
