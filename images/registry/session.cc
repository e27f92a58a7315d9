#include "images/registry/session.h"

#include <algorithm>

#include "base/text.h"
#include "images/registry/reply.h"

namespace nacre::images::registry {
namespace {

constexpr int kMostRedirects = 8;
constexpr int kMostChallenges = 3;  // the cached token has ended, the new one lacks a scope, done

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Failure refuse(ErrorCode code, std::string message) {
  return {FailureKind::kRequest, Error(code, std::move(message))};
}

// Where the answer sends us, if that is a place to go to.
Attempt<Url> next_url(const Call& call, const Url& from, const Response& response) {
  const std::string where = text::join(call.method, " ", from.shown(), ": redirect");
  const auto location = response.headers().find("Location");
  if (!location)
    return std::unexpected(refuse(ErrorCode::kFailedPrecondition, where + " without a location"));
  auto to = resolve_location(from, *location);
  if (!to) {
    return std::unexpected(
        Failure{FailureKind::kRequest, std::move(to).error().with_context(where)});
  }
  if (from.tls && !to->tls) {
    return std::unexpected(
        refuse(ErrorCode::kPermissionDenied, text::join(where, " to plain HTTP: ", to->shown())));
  }
  const bool reads = call.method == "GET" || call.method == "HEAD";
  const unsigned status = response.status();
  // The others would turn a PUT into a GET.
  if (!reads && status != 307 && status != 308) {
    return std::unexpected(refuse(ErrorCode::kUnsupported,
                                  text::join(where, " with status ", status, " to ", to->shown())));
  }
  return *std::move(to);
}

std::optional<Milliseconds> server_wish(const Response& response, const Clock& clock) {
  const auto value = response.headers().find("Retry-After");
  return value ? parse_retry_after(*value, clock.seconds_since_1970()) : std::nullopt;
}

// One try of a call, as far as trying again is concerned.
struct Trial {
  std::unique_ptr<Response> response;  // when it is an answer
  std::optional<Error> error;          // when it is none
  bool passing = false;                // may do better later
  std::optional<Milliseconds> server_wish;
};

Error given_up(Error error, unsigned attempts) {
  if (attempts <= 1) return error;
  return {error.code(), text::join(error.message(), " (tried ", attempts, " times)")};
}

}  // namespace

Session::Session(const Services& services, Endpoint endpoint, const RetryPolicy& retry)
    : services_(services), endpoint_(std::move(endpoint)), retry_(retry) {}

Url Session::base() const {
  Url out = endpoint_.base(plain_);
  text::append(out.path, '/', endpoint_.repository);
  return out;
}

Url Session::url_of(const Call& call) const {
  Url out = call.location ? *call.location : base();
  if (!call.location) {
    out.path += call.path;
    if (!endpoint_.ns.empty()) add_query(out, "ns", endpoint_.ns);
  }
  for (const auto& [key, value] : call.query) add_query(out, key, value);
  return out;
}

AuthParty Session::party() const {
  return {.endpoint = endpoint_.base(plain_),
          .registry = endpoint_.registry,
          .repository = endpoint_.repository,
          .plain_allowed = endpoint_.scheme != Scheme::kHttps,
          .tls = endpoint_.tls,
          .timeouts = endpoint_.timeouts};
}

Scopes Session::scopes_of(const Call& call) const {
  Scopes out = call.more_scopes;
  out.push_back(repository_scope(endpoint_.repository, call.actions));
  std::ranges::sort(out);
  return out;
}

bool Session::falls_back_to_plain(const Failure& failure, bool was_plain) {
  if (endpoint_.scheme != Scheme::kHttpsThenHttp || was_plain) return false;
  // Without a port the two schemes knock at different doors: nobody at 443, perhaps at 80.
  const bool nobody_there = failure.kind == FailureKind::kConnect && endpoint_.port == 0;
  if (failure.kind != FailureKind::kTlsNotSpoken && !nobody_there) return false;
  plain_ = true;  // perhaps another thread has found out already
  return true;
}

Attempt<std::unique_ptr<Response>> Session::exchange(const Call& call, const Url& url,
                                                     const std::string& authorization,
                                                     const std::stop_token& stop) {
  Request request{.method = call.method,
                  .url = url,
                  .headers = call.headers,
                  .tls = endpoint_.tls,
                  .timeouts = endpoint_.timeouts};
  if (same_origin(url, endpoint_.base(plain_))) {
    for (const Header& header : endpoint_.headers.list())
      request.headers.add(header.name, header.value);
    if (!authorization.empty()) request.headers.set("Authorization", authorization);
  }
  if (url.host != endpoint_.host) {
    request.tls.client_certs.clear();
    request.tls.skip_verify = false;
  }
  if (!call.body) return services_.transport.send(request, stop);
  auto body = call.body();
  if (!body) return std::unexpected(Failure{FailureKind::kBody, std::move(body).error()});
  request.body = body->get();
  request.body_size = call.body_size;
  return services_.transport.send(request, stop);
}

Attempt<Session::Answer> Session::follow(const Call& call, const std::string& authorization,
                                         const std::stop_token& stop) {
  Url url = url_of(call);
  for (int hop = 0; hop <= kMostRedirects; ++hop) {
    auto response = exchange(call, url, authorization, stop);
    if (!response) return std::unexpected(std::move(response).error());
    if (!is_redirect((*response)->status()))
      return Answer{*std::move(response), same_origin(url, endpoint_.base(plain_))};
    auto next = next_url(call, url, **response);
    if (!next) return std::unexpected(std::move(next).error());
    url = *std::move(next);
  }
  return std::unexpected(refuse(ErrorCode::kFailedPrecondition,
                                text::join(call.method, " ", url_of(call).shown(), ": more than ",
                                           kMostRedirects, " redirects")));
}

Attempt<Session::Answer> Session::authenticated(const Call& call, const std::stop_token& stop) {
  const Scopes scopes = scopes_of(call);
  std::string authorization = services_.authorizer.known(party(), scopes);
  for (int round = 0;; ++round) {
    auto answer = follow(call, authorization, stop);
    if (!answer || answer->response->status() != 401 || !answer->own) return answer;
    if (round == kMostChallenges) return answer;
    auto next = services_.authorizer.answer(party(), answer->response->headers(), scopes,
                                            authorization, stop);
    if (!next) {
      const bool passing = next.error().code() == ErrorCode::kUnavailable;
      return std::unexpected(
          Failure{passing ? FailureKind::kBroken : FailureKind::kRequest, std::move(next).error()});
    }
    authorization = *std::move(next);
  }
}

Result<std::unique_ptr<Response>> Session::send(const Call& call, const std::stop_token& stop) {
  const auto attempt = [&]() -> Trial {
    const bool was_plain = plain_;
    auto answer = authenticated(call, stop);
    if (!answer && falls_back_to_plain(answer.error(), was_plain))
      answer = authenticated(call, stop);
    Trial out;
    if (!answer) {
      out.passing = is_passing(answer.error().kind);
      out.error = std::move(answer.error().error);
      return out;
    }
    out.passing = is_passing(answer->response->status());
    out.server_wish = server_wish(*answer->response, services_.clock);
    if (out.passing) {
      auto told =
          expect_status(*answer->response, {}, text::join(call.method, " ", url_of(call).shown()));
      out.error = std::move(told).error();
    }
    out.response = std::move(answer->response);
    return out;
  };

  Retry retry(retry_, static_cast<std::uint32_t>(services_.clock.now().count()));
  for (;;) {
    Trial trial = attempt();
    if (!trial.error) return std::move(trial.response);
    if (!trial.passing || !call.repeatable) return fail(*std::move(trial.error));
    const auto wait = retry.next(trial.server_wish);
    if (!wait) return fail(given_up(*std::move(trial.error), retry.attempts() - 1));
    trial.response.reset();
    if (!services_.clock.wait(*wait, stop))
      return fail(Error(ErrorCode::kCancelled, name() + ": cancelled"));
  }
}

}  // namespace nacre::images::registry
