// One HTTP/1.1 exchange over TCP or TLS: a request out, a response back, both bodies as streams.
//
// What an answer means (redirects, authentication, retries) is decided above; here is only what can
// go wrong on the way. Names of headers are compared without case.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "images/registry/url.h"
#include "images/stream/stream.h"

namespace nacre::images::registry {

using Milliseconds = std::chrono::milliseconds;

struct Header {
  std::string name;
  std::string value;
};

class Headers {
 public:
  void add(std::string name, std::string value);
  void set(std::string_view name, std::string value);  // replaces every one of that name
  void remove(std::string_view name);
  // The first one of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  [[nodiscard]] const std::vector<Header>& list() const { return list_; }

 private:
  std::vector<Header> list_;
};
[[nodiscard]] bool equal_without_case(std::string_view a, std::string_view b);

// How a server is recognised. Certificates are checked against the system's authorities and
// `ca_files` besides.
struct TlsSettings {
  std::vector<std::string> ca_files;                              // PEM
  std::vector<std::pair<std::string, std::string>> client_certs;  // PEM: certificate, key
  bool skip_verify = false;
  friend auto operator<=>(const TlsSettings&, const TlsSettings&) = default;
};

struct Timeouts {
  Milliseconds connect{30'000};    // name, TCP and TLS, each
  Milliseconds idle{60'000};       // between two pieces of a body, either way
  Milliseconds response{300'000};  // from the last byte of a request to its answer's head
};

struct Request {
  std::string method = "GET";
  Url url;
  Headers headers;         // Host, Content-Length and Connection are set below
  Source* body = nullptr;  // exactly body_size bytes; borrowed until send() returns
  std::uint64_t body_size = 0;
  TlsSettings tls;
  Timeouts timeouts;
};

enum class FailureKind : std::uint8_t {
  kRequest,  // the request itself cannot be sent: a control character in a header
  kResolve,  // no address for the name
  kConnect,  // nobody listens, no route
  kTimeout,
  kTlsNotSpoken,  // the server answered in plain text
  kTls,           // certificate, protocol version
  kBroken,        // the connection ended in the middle
  kProtocol,      // not HTTP, or a head larger than 64 KiB
  kBody,          // the request's own body could not be read
  kCancelled,
};

struct Failure {
  FailureKind kind;
  Error error;
};
template <class T>
using Attempt = std::expected<T, Failure>;

// A response whose body is still arriving. read() gives kUnavailable when the connection breaks or
// stalls, or the framing is wrong, and kCancelled. Must not outlive its transport.
class Response : public Source {
 public:
  [[nodiscard]] virtual unsigned status() const = 0;
  [[nodiscard]] virtual const Headers& headers() const = 0;
  // As the server announced it; for HEAD of what GET would give.
  [[nodiscard]] virtual std::optional<std::uint64_t> content_length() const = 0;
};

// Thread-safe: each exchange has a connection of its own, kept for the next one where both sides
// agree and the body has been read to its end.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;
  // Blocks until the head of the answer is there. `stop` also ends later reads of the body.
  [[nodiscard]] virtual Attempt<std::unique_ptr<Response>> send(const Request& request,
                                                                std::stop_token stop) = 0;
};

// Over the network. Does not follow redirects, asks for no compression, uses no proxy.
[[nodiscard]] std::unique_ptr<Transport> make_network_transport();

}  // namespace nacre::images::registry
