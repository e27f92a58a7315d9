// Who we are to a registry: what stands in the configuration files of docker and of the containers
// tools, and what their helper programs know.
//
// Reading a file, choosing an entry and asking a helper are three steps; the first two are pure.
// Secrets never appear in messages.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/registry/environment.h"

namespace nacre::images::registry {

struct Credential {
  std::string username;
  std::string password;
  std::string identity_token;  // a refresh token for OAuth2, instead of a password
  std::string registry_token;  // a Bearer token as it is
  [[nodiscard]] bool empty() const {
    return username.empty() && identity_token.empty() && registry_token.empty();
  }
  friend bool operator==(const Credential&, const Credential&) = default;
};

// One config.json or auth.json.
struct AuthConfig {
  std::map<std::string, Credential> auths;          // by key as written
  std::string creds_store;                          // X of docker-credential-X
  std::map<std::string, std::string> cred_helpers;  // registry -> X
};
// `name` is for messages.
[[nodiscard]] Result<AuthConfig> parse_auth_config(std::string_view bytes, std::string_view name);

// A key as people and programs write it ("https://index.docker.io/v1/", "quay.io/team") without
// scheme, API version and slashes at the end.
[[nodiscard]] std::string normalized_auth_key(std::string_view key);
// What to look for, most specific first: "host/a/b", "host/a", "host". docker.io has several names.
[[nodiscard]] std::vector<std::string> auth_keys(std::string_view registry,
                                                 std::string_view repository);

// What one file says about a registry. credHelpers before credsStore before auths.
struct CredentialChoice {
  std::string helper;                // ask docker-credential-<helper> ...
  std::string helper_key;            // ... about this
  std::optional<Credential> stored;  // what `auths` has; also when the helper knows nothing
};
[[nodiscard]] CredentialChoice choose_credential(const AuthConfig& config,
                                                 std::string_view registry,
                                                 std::string_view repository);

// Thread-safe.
class CredentialSource {
 public:
  CredentialSource() = default;
  CredentialSource(const CredentialSource&) = delete;
  CredentialSource& operator=(const CredentialSource&) = delete;
  virtual ~CredentialSource() = default;
  // `registry` is host[:port] as in references; nothing: anonymous.
  [[nodiscard]] virtual Result<std::optional<Credential>> find(std::string_view registry,
                                                               std::string_view repository) = 0;
};

// Reads the files of auth_files(environment) at every call: a login counts at once. A file that is
// not there is as if empty, one that cannot be read or is malformed is an error.
[[nodiscard]] std::unique_ptr<CredentialSource> make_credential_files(Environment environment);
// The same for every registry, as `--creds` gives it; an empty one is anonymous.
[[nodiscard]] std::unique_ptr<CredentialSource> make_fixed_credential(Credential credential);

}  // namespace nacre::images::registry
