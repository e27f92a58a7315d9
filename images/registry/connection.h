// One TCP or TLS connection and the exchanges on it, one after the other.
//
// Not thread-safe. Each connection drives an event loop of its own, and only while a call is in
// progress: that is how every step has a time limit and can be stopped from another thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#include "images/registry/http.h"

namespace nacre::images::registry {

struct Head {
  unsigned status = 0;
  Headers headers;
  std::optional<std::uint64_t> content_length;
};

// Authorities and our certificates, loaded once for many connections.
class TlsContext;
[[nodiscard]] Attempt<std::shared_ptr<TlsContext>> make_tls_context(const TlsSettings& settings);

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  // Sends a request and reads the head of the answer. A server that answers before it has taken the
  // whole body and then closes is understood.
  [[nodiscard]] virtual Attempt<Head> exchange(const Request& request,
                                               const std::stop_token& stop) = 0;
  // Some of the body of the latest answer; 0 at its end.
  [[nodiscard]] virtual Result<std::size_t> read_body(Buffer into, Milliseconds idle,
                                                      const std::stop_token& stop) = 0;
  // The last answer has been read whole and the server keeps the connection open.
  [[nodiscard]] virtual bool reusable() const = 0;
};

// `tls` is null for a plain connection.
[[nodiscard]] Attempt<std::unique_ptr<Connection>> connect(const Url& url,
                                                           std::shared_ptr<TlsContext> tls,
                                                           const Timeouts& timeouts,
                                                           const std::stop_token& stop);

}  // namespace nacre::images::registry
