// Answers challenges and remembers the answers: one token for each registry and scope.
//
// Challenges are answered for the registry that was asked and for nobody it has redirected to
// (CVE-2020-15157). Thread-safe: of several threads that are refused at once one fetches a token
// and the others wait for it.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>

#include "images/registry/clock.h"
#include "images/registry/credentials.h"
#include "images/registry/http.h"
#include "images/registry/token.h"

namespace nacre::images::registry {

// Whom we talk to, as far as authentication is concerned.
struct AuthParty {
  Url endpoint;          // scheme, host and port count
  std::string registry;  // the name under which credentials are kept: "docker.io"
  std::string repository;
  bool plain_allowed = false;
  TlsSettings tls;
  Timeouts timeouts;
};

class Authorizer {
 public:
  // All are borrowed.
  Authorizer(Transport& transport, CredentialSource& credentials, Clock& clock)
      : transport_(transport), credentials_(credentials), clock_(clock) {}

  // The Authorization header to begin with; "" when nothing is known that is still good.
  [[nodiscard]] std::string known(const AuthParty& party, const Scopes& scopes);
  // After a 401 to a request that carried `refused` ("" for none): a header that is another one.
  // permission_denied when there is none, kUnavailable when the realm cannot be reached,
  // kUnsupported when no scheme is one we know.
  [[nodiscard]] Result<std::string> answer(const AuthParty& party, const Headers& challenge,
                                           const Scopes& scopes, const std::string& refused,
                                           const std::stop_token& stop);

 private:
  struct Entry {
    std::mutex fetching;  // held while a token is on its way
    std::string header;   // under mutex_
    Milliseconds good_until{0};
  };
  using Key = std::pair<std::string, Scopes>;

  Entry& entry_of(const AuthParty& party, const Scopes& scopes);
  [[nodiscard]] std::string current(const Entry& entry) const;
  void keep(Entry& entry, std::string header, Milliseconds lifetime);
  [[nodiscard]] Result<Token> fetch_token(const AuthParty& party, const TokenQuestion& question,
                                          const Credential* credential,
                                          const std::stop_token& stop);

  Transport& transport_;
  CredentialSource& credentials_;
  Clock& clock_;
  std::mutex mutex_;
  std::map<Key, Entry> entries_;  // entries stay where they are
};

}  // namespace nacre::images::registry
