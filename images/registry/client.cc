#include "images/registry/client.h"

#include "base/text.h"
#include "images/registry/hosts.h"

namespace nacre::images::registry {
namespace {

std::string_view describe(Need need) {
  switch (need) {
    case Need::kResolve:
      return "resolve tags";
    case Need::kPull:
      return "be pulled from";
    case Need::kPush:
      return "be pushed to";
  }
  return "";
}

}  // namespace

Client::Client(std::unique_ptr<Transport> transport, std::unique_ptr<CredentialSource> credentials,
               std::unique_ptr<Clock> clock, ClientOptions options)
    : transport_(std::move(transport)),
      credentials_(std::move(credentials)),
      clock_(std::move(clock)),
      authorizer_(*transport_, *credentials_, *clock_),
      options_(std::move(options)) {}

Result<Hosts> Client::hosts(std::string_view registry, std::string_view repository, Need need,
                            bool by_digest) {
  const auto all = NACRE_TRY(load_endpoints(options_.paths, registry, repository, by_digest));
  Hosts out;
  for (Endpoint& one : able(all, need)) {
    const Milliseconds configured = one.timeouts.connect;
    const bool own_timeout = configured != Timeouts{}.connect;
    one.timeouts = options_.timeouts;
    if (own_timeout) one.timeouts.connect = configured;
    const RetryPolicy& retry = one.mirror ? options_.mirror_retry : options_.retry;
    out.push_back(std::make_unique<Session>(Services{*transport_, authorizer_, *clock_},
                                            std::move(one), retry));
  }
  if (out.empty()) {
    return fail(failed_precondition(text::join("registry ", text::quote(registry),
                                               ": no configured host may ", describe(need))));
  }
  return out;
}

std::unique_ptr<Client> make_client(const Environment& environment) {
  return std::make_unique<Client>(make_network_transport(), make_credential_files(environment),
                                  make_system_clock(),
                                  ClientOptions{.paths = config_paths(environment)});
}

}  // namespace nacre::images::registry
