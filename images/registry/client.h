// What all operations on registries share: connections, credentials, tokens, configuration.
//
//   const auto client = make_client(Environment::current());
//   pull(*client, store, reference, ...);
//
// Thread-safe; one for a process is enough. Configuration is read at every operation.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/registry/authorizer.h"
#include "images/registry/endpoint.h"
#include "images/registry/environment.h"
#include "images/registry/session.h"

namespace nacre::images::registry {

struct ClientOptions {
  ConfigPaths paths;
  RetryPolicy retry;
  // A mirror that does not answer must not hold up the registry behind it.
  RetryPolicy mirror_retry{
      .attempts = 2, .longest_server_wait = Milliseconds{5'000}, .budget = Milliseconds{10'000}};
  Timeouts timeouts;  // for hosts whose configuration says nothing
};

using Hosts = std::vector<std::unique_ptr<Session>>;

class Client {
 public:
  Client(std::unique_ptr<Transport> transport, std::unique_ptr<CredentialSource> credentials,
         std::unique_ptr<Clock> clock, ClientOptions options);

  // Who may be asked, in their order; at least one. failed_precondition when the configuration
  // leaves nobody, permission_denied when it blocks the registry. They must not outlive the client.
  [[nodiscard]] Result<Hosts> hosts(std::string_view registry, std::string_view repository,
                                    Need need, bool by_digest);

  [[nodiscard]] Clock& clock() { return *clock_; }

 private:
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<CredentialSource> credentials_;
  std::unique_ptr<Clock> clock_;
  Authorizer authorizer_;
  ClientOptions options_;
};

// Over the network, with the caller's own configuration and credentials.
[[nodiscard]] std::unique_ptr<Client> make_client(const Environment& environment);

// Asks `ask` of each host until one gives a result. The error is that of the last one, with the
// others' in brackets. Cancellation ends it at once.
template <class Ask>
auto first_of(const Hosts& hosts, const Ask& ask) -> decltype(ask(*hosts.front())) {
  std::string before;
  for (const auto& host : hosts) {
    auto result = ask(*host);
    if (result) return result;
    const Error& error = result.error();
    if (error.code() == ErrorCode::kCancelled) return result;
    if (host == hosts.back()) {
      if (before.empty()) return result;
      return fail(Error(error.code(), error.message() + " (before that: " + before + ")"));
    }
    before += (before.empty() ? "" : "; ") + error.message();
  }
  return fail(internal_error("no host to ask"));
}

}  // namespace nacre::images::registry
