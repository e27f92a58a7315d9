#include "images/registry/authorizer.h"

#include "base/text.h"
#include "images/stream/memory.h"

namespace nacre::images::registry {
namespace {

constexpr std::size_t kLargestAnswer = std::size_t{64} << 10U;
// A token that ends during the request that carries it is as bad as an old one.
constexpr Milliseconds kMargin{10'000};
constexpr Milliseconds kForever{86'400'000};

Error denied(const AuthParty& party, std::string_view why) {
  return Error(
      ErrorCode::kPermissionDenied,
      text::join(party.endpoint.origin(), " (credentials of ", party.registry, "): ", why));
}

// A realm on another host has its own certificate: our certificate and "do not verify" are for the
// registry only.
TlsSettings settings_for(const AuthParty& party, const Url& realm) {
  TlsSettings out = party.tls;
  if (realm.host == party.endpoint.host) return out;
  out.client_certs.clear();
  out.skip_verify = false;
  return out;
}

bool is_not_offered(unsigned status) { return status == 404 || status == 405 || status == 501; }

Error describe_refusal(const AuthParty& party, const TokenQuestion& question, unsigned status,
                       bool anonymous) {
  if (status == 401 || status == 403 || status == 400) {
    return denied(party, text::join("realm ", question.realm.shown(), " refuses ",
                                    anonymous ? "an anonymous token" : "the credentials",
                                    " (status ", status, ")"));
  }
  return Error(ErrorCode::kUnavailable,
               text::join("realm ", question.realm.shown(), " answered with status ", status));
}

}  // namespace

Authorizer::Entry& Authorizer::entry_of(const AuthParty& party, const Scopes& scopes) {
  const std::lock_guard lock(mutex_);
  return entries_[Key(text::join(party.registry, ' ', party.endpoint.origin()), scopes)];
}

std::string Authorizer::current(const Entry& entry) const {
  return entry.header.empty() || clock_.now() >= entry.good_until ? std::string() : entry.header;
}

void Authorizer::keep(Entry& entry, std::string header, Milliseconds lifetime) {
  const std::lock_guard lock(mutex_);
  entry.header = std::move(header);
  entry.good_until = clock_.now() + lifetime - std::min(kMargin, lifetime / 4);
}

std::string Authorizer::known(const AuthParty& party, const Scopes& scopes) {
  const Entry& entry = entry_of(party, scopes);
  const std::lock_guard lock(mutex_);
  return current(entry);
}

Result<std::string> Authorizer::answer(const AuthParty& party, const Headers& challenge,
                                       const Scopes& scopes, const std::string& refused,
                                       const std::stop_token& stop) {
  Entry& entry = entry_of(party, scopes);
  const std::lock_guard fetching(entry.fetching);
  {
    // Somebody else may have fetched a new one while this thread was waiting.
    const std::lock_guard lock(mutex_);
    std::string header = current(entry);
    if (!header.empty() && header != refused) return header;
  }
  const auto challenges =
      NACRE_TRY_CTX(challenges_of(challenge), text::join("answer of ", party.endpoint.origin()));
  const Challenge* chosen = choose_challenge(challenges);
  if (chosen == nullptr) {
    return fail(unsupported(text::join(party.endpoint.origin(),
                                       " wants authentication, and neither Bearer nor Basic")));
  }
  const auto credential = NACRE_TRY(credentials_.find(party.registry, party.repository));
  if (chosen->scheme == "basic") {
    if (!credential || credential->username.empty())
      return fail(denied(party, "a user name and a password are needed, and there are none"));
    if (!party.endpoint.tls && !is_loopback(party.endpoint.host) && !party.plain_allowed)
      return fail(denied(party, "passwords are not sent over plain HTTP"));
    std::string header = basic_authorization(*credential);
    if (header == refused) return fail(denied(party, "user name or password is wrong"));
    keep(entry, header, kForever);
    return header;
  }
  if (credential && !credential->registry_token.empty()) {
    std::string header = "Bearer " + credential->registry_token;
    if (header == refused) return fail(denied(party, "the token is not accepted"));
    return header;
  }
  const TokenQuestion question =
      NACRE_TRY(read_question(*chosen, scopes, party.endpoint, party.plain_allowed));
  const Token token =
      NACRE_TRY(fetch_token(party, question, credential ? &*credential : nullptr, stop));
  std::string header = "Bearer " + token.text;
  keep(entry, header, std::chrono::seconds(token.lifetime));
  return header;
}

Result<Token> Authorizer::fetch_token(const AuthParty& party, const TokenQuestion& question,
                                      const Credential* credential, const std::stop_token& stop) {
  const auto methods = token_methods(credential);
  for (std::size_t i = 0; i < methods.size(); ++i) {
    const TokenRequest wanted = make_token_request(question, methods[i], credential);
    Request request{.method = wanted.method,
                    .url = wanted.url,
                    .headers = wanted.headers,
                    .tls = settings_for(party, wanted.url),
                    .timeouts = party.timeouts};
    MemorySource body{std::string_view(wanted.body)};
    if (!wanted.body.empty()) {
      request.body = &body;
      request.body_size = wanted.body.size();
    }
    auto response = transport_.send(request, stop);
    if (!response) return fail(std::move(response.error().error).with_context("ask for a token"));
    const unsigned status = (*response)->status();
    if (is_not_offered(status) && i + 1 < methods.size()) continue;
    // A redirect is not followed: the question holds credentials.
    if (status != 200)
      return fail(describe_refusal(party, question, status, credential == nullptr));
    const std::string text = NACRE_TRY_CTX(read_text(**response, kLargestAnswer),
                                           text::join("answer of realm ", question.realm.shown()));
    return NACRE_TRY_CTX(parse_token_answer(text), text::join("realm ", question.realm.shown()));
  }
  return fail(internal_error("no way to ask for a token"));
}

}  // namespace nacre::images::registry
