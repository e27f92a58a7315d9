#include <algorithm>
#include <exception>
#include <map>
#include <mutex>

#include "base/text.h"
#include "images/registry/connection.h"

namespace nacre::images::registry {
namespace {

constexpr std::size_t kMostIdle = 8;  // connections to one host
constexpr std::chrono::seconds kLongestIdle{20};

struct PoolKey {
  std::string origin;
  TlsSettings tls;
  auto operator<=>(const PoolKey&) const = default;
};

// Connections that wait for their next exchange.
class Pool {
 public:
  std::unique_ptr<Connection> take(const PoolKey& key) {
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[key];
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(idle, [&](const Idle& one) { return now - one.since > kLongestIdle; });
    if (idle.empty()) return nullptr;
    std::unique_ptr<Connection> out = std::move(idle.back().connection);
    idle.pop_back();
    return out;
  }
  void give(const PoolKey& key, std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[key];
    if (idle.size() < kMostIdle)
      idle.push_back({std::move(connection), std::chrono::steady_clock::now()});
  }

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    std::chrono::steady_clock::time_point since;
  };
  std::mutex mutex_;
  std::map<PoolKey, std::vector<Idle>> idle_;
};

// What Boost throws (no descriptor left for an event loop, no memory) ends here.
template <class F>
auto contained(F&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const std::exception& problem) {
    return std::unexpected(
        Failure{FailureKind::kBroken,
                Error(ErrorCode::kUnavailable, text::join("network: ", problem.what()))});
  }
}

class NetworkResponse final : public Response {
 public:
  NetworkResponse(Pool& pool, PoolKey key, std::unique_ptr<Connection> connection, Head head,
                  Milliseconds idle, std::stop_token stop)
      : pool_(pool),
        key_(std::move(key)),
        connection_(std::move(connection)),
        head_(std::move(head)),
        idle_(idle),
        stop_(std::move(stop)) {}
  NetworkResponse(const NetworkResponse&) = delete;
  NetworkResponse& operator=(const NetworkResponse&) = delete;
  ~NetworkResponse() override {
    if (connection_->reusable()) pool_.give(key_, std::move(connection_));
  }

  [[nodiscard]] unsigned status() const override { return head_.status; }
  [[nodiscard]] const Headers& headers() const override { return head_.headers; }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const override {
    return head_.content_length;
  }
  [[nodiscard]] Result<std::size_t> read(Buffer into) override {
    auto got = contained([&]() -> Attempt<std::size_t> {
      auto some = connection_->read_body(into, idle_, stop_);
      if (!some) return std::unexpected(Failure{FailureKind::kBroken, std::move(some).error()});
      return *some;
    });
    if (!got) return fail(std::move(got.error().error));
    return *got;
  }

 private:
  Pool& pool_;
  PoolKey key_;
  std::unique_ptr<Connection> connection_;
  Head head_;
  Milliseconds idle_;
  std::stop_token stop_;
};

bool is_clean(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
  });
}

// A line end in a header would begin another one, or another request.
std::optional<Failure> check(const Request& request) {
  const auto refuse = [](std::string why) {
    return Failure{FailureKind::kRequest, invalid_argument(std::move(why))};
  };
  const auto bad_in_target = [](char c) { return c <= ' ' || c >= '\x7f'; };
  if (std::ranges::any_of(request.url.target(), bad_in_target))
    return refuse(
        text::join("request of ", text::quote(request.url.shown()), ": not a valid path"));
  for (const auto& [name, value] : request.headers.list()) {
    const bool good_name = !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '_';
    });
    if (!good_name || !is_clean(value))
      return refuse(text::join("header ", text::quote(name), ": holds a control character"));
  }
  return std::nullopt;
}

class NetworkTransport final : public Transport {
 public:
  [[nodiscard]] Attempt<std::unique_ptr<Response>> send(const Request& request,
                                                        std::stop_token stop) override {
    if (auto problem = check(request)) return std::unexpected(*std::move(problem));
    const PoolKey key{request.url.origin(), request.tls};
    return contained([&] { return send_on(key, request, stop); });
  }

 private:
  Attempt<std::unique_ptr<Response>> send_on(const PoolKey& key, const Request& request,
                                             const std::stop_token& stop) {
    // The server may have closed a connection while it was idle: that tells nothing about the
    // request, which goes out again on another one. A body cannot be read a second time.
    while (auto used = request.body == nullptr ? pool_.take(key) : nullptr) {
      auto head = used->exchange(request, stop);
      if (head) return respond(key, std::move(used), *std::move(head), request, stop);
      if (head.error().kind != FailureKind::kBroken)
        return std::unexpected(std::move(head).error());
    }
    std::shared_ptr<TlsContext> tls;
    if (request.url.tls) {
      auto context = context_for(request.tls);
      if (!context) return std::unexpected(std::move(context).error());
      tls = *std::move(context);
    }
    auto fresh = connect(request.url, std::move(tls), request.timeouts, stop);
    if (!fresh) return std::unexpected(std::move(fresh).error());
    auto head = (*fresh)->exchange(request, stop);
    if (!head) return std::unexpected(std::move(head).error());
    return respond(key, *std::move(fresh), *std::move(head), request, stop);
  }

  std::unique_ptr<Response> respond(const PoolKey& key, std::unique_ptr<Connection> connection,
                                    Head head, const Request& request,
                                    const std::stop_token& stop) {
    return std::make_unique<NetworkResponse>(pool_, key, std::move(connection), std::move(head),
                                             request.timeouts.idle, stop);
  }

  Attempt<std::shared_ptr<TlsContext>> context_for(const TlsSettings& settings) {
    const std::lock_guard lock(mutex_);
    const auto known = contexts_.find(settings);
    if (known != contexts_.end()) return known->second;
    auto made = make_tls_context(settings);
    if (!made) return made;
    contexts_.emplace(settings, *made);
    return made;
  }

  Pool pool_;
  std::mutex mutex_;
  std::map<TlsSettings, std::shared_ptr<TlsContext>> contexts_;
};

}  // namespace

std::unique_ptr<Transport> make_network_transport() { return std::make_unique<NetworkTransport>(); }

}  // namespace nacre::images::registry
