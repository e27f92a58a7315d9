// The token protocol of registries (distribution, spec/auth/token and oauth): what is asked of a
// realm and what it answers. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/registry/challenge.h"
#include "images/registry/credentials.h"
#include "images/registry/http.h"

namespace nacre::images::registry {

// "repository:library/debian:pull,push"; sorted, each once.
using Scopes = std::vector<std::string>;
[[nodiscard]] std::string repository_scope(std::string_view repository, std::string_view actions);
// What is wanted and what the challenge names, together.
[[nodiscard]] Scopes merge_scopes(const Scopes& wanted, const Challenge& challenge);

struct TokenQuestion {
  Url realm;
  std::string service;
  Scopes scopes;
};
// invalid_argument when the challenge names no realm, or one that is no URL. `endpoint` is who
// asked. A realm over plain HTTP is permission_denied unless it is on this machine, or the endpoint
// itself was allowed to be plain (`plain_allowed`) and the realm is on its host.
[[nodiscard]] Result<TokenQuestion> read_question(const Challenge& challenge, const Scopes& wanted,
                                                  const Url& endpoint, bool plain_allowed);

enum class TokenMethod : std::uint8_t {
  kGet,           // anonymous, or Basic with user and password
  kPostRefresh,   // OAuth2, grant_type=refresh_token
  kPostPassword,  // OAuth2, grant_type=password
};
// In the order in which they are tried: a realm that does not know one answers 404 or 405.
[[nodiscard]] std::vector<TokenMethod> token_methods(const Credential* credential);

struct TokenRequest {
  std::string method;
  Url url;
  Headers headers;
  std::string body;
};
[[nodiscard]] TokenRequest make_token_request(const TokenQuestion& question, TokenMethod method,
                                              const Credential* credential);

struct Token {
  std::string text;
  std::int64_t lifetime = 60;  // seconds from when it came
};
// A token with a character that has no place in a header is refused.
[[nodiscard]] Result<Token> parse_token_answer(std::string_view body);

// "Basic dXNlcjpwYXNz"
[[nodiscard]] std::string basic_authorization(const Credential& credential);

}  // namespace nacre::images::registry
