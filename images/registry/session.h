// Talking to one host about one repository: authentication, redirects and retries around single
// exchanges.
//
// Authorization, client certificates and configured headers go to the endpoint's own origin and to
// nobody it redirects to; a challenge from elsewhere is not answered (CVE-2020-15157). From HTTPS
// nobody is led to plain HTTP. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "images/registry/authorizer.h"
#include "images/registry/clock.h"
#include "images/registry/endpoint.h"
#include "images/registry/http.h"
#include "images/registry/retry.h"

namespace nacre::images::registry {

// Borrowed by every session; must outlive them.
struct Services {
  Transport& transport;
  Authorizer& authorizer;
  Clock& clock;
};

// A body that can be sent more than once: each call opens it anew.
using BodyMaker = std::function<Result<std::unique_ptr<Source>>()>;

struct Call {
  std::string method = "GET";
  std::string path;  // behind the repository: "/blobs/sha256:..."
  std::vector<std::pair<std::string, std::string>> query;
  std::optional<Url> location;  // instead of path: where the server has sent us; query is added
  Headers headers;
  std::string actions = "pull";  // of the token's scope
  Scopes more_scopes;            // for other repositories
  BodyMaker body;
  std::uint64_t body_size = 0;
  // Whether it does no harm to send it again when nobody knows if it arrived.
  bool repeatable = true;
};

class Session {
 public:
  Session(const Services& services, Endpoint endpoint, const RetryPolicy& retry);

  // The answer, whatever its status, except what was dealt with here: 401 (an answer, a new token,
  // or permission_denied), redirects, and what may pass (429, 5xx, broken connections), which is
  // tried again until the policy says no: kUnavailable, with the last reason and the number of
  // attempts. A call that is not repeatable is not tried again.
  [[nodiscard]] Result<std::unique_ptr<Response>> send(const Call& call,
                                                       const std::stop_token& stop);

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const RetryPolicy& retry_policy() const { return retry_; }
  [[nodiscard]] Clock& clock() const { return services_.clock; }
  // "https://host/v2/repository": for messages, and as the base of relative locations.
  [[nodiscard]] Url base() const;
  [[nodiscard]] std::string name() const { return base().origin(); }

 private:
  struct Answer {
    std::unique_ptr<Response> response;
    bool own = true;  // came from the endpoint's origin, not from where it has led
  };
  [[nodiscard]] Attempt<Answer> authenticated(const Call& call, const std::stop_token& stop);
  [[nodiscard]] Attempt<Answer> follow(const Call& call, const std::string& authorization,
                                       const std::stop_token& stop);
  [[nodiscard]] Attempt<std::unique_ptr<Response>> exchange(const Call& call, const Url& url,
                                                            const std::string& authorization,
                                                            const std::stop_token& stop);
  [[nodiscard]] bool falls_back_to_plain(const Failure& failure, bool was_plain);
  [[nodiscard]] AuthParty party() const;
  [[nodiscard]] Scopes scopes_of(const Call& call) const;
  [[nodiscard]] Url url_of(const Call& call) const;

  Services services_;
  Endpoint endpoint_;
  RetryPolicy retry_;
  std::atomic<bool> plain_ = false;  // the server has shown that it speaks no TLS
};

}  // namespace nacre::images::registry
