// An HTTP server on loopback that does what a test says, right or wrong, down to single bytes. It
// shares no code with the client.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

struct ssl_ctx_st;

namespace nacre::images::registry::test {

struct SeenRequest {
  std::string method, path, query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool body_complete = true;

  [[nodiscard]] std::string header(const std::string& name) const;  // "" when absent
  [[nodiscard]] bool has(const std::string& name) const;
  [[nodiscard]] std::string target() const { return query.empty() ? path : path + "?" + query; }
};

struct Reply {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::optional<std::size_t> cut_after;    // of the body, then the connection is closed
  std::optional<std::size_t> stall_after;  // of the body, then nothing until the client leaves
  bool chunked = false;
  bool endless = false;    // the body over and over until the client leaves
  bool no_length = false;  // neither Content-Length nor chunks: until the end of the connection
  bool silent = false;     // no answer at all until the client leaves
  std::string raw;         // instead of everything: these bytes, then the connection is closed
};

// A key and a certificate for "localhost" and 127.0.0.1, signed by itself, as PEM.
struct TestIdentity {
  std::string certificate, key;
};
[[nodiscard]] TestIdentity make_identity();

class ScriptServer {
 public:
  using Handler = std::function<Reply(const SeenRequest&)>;
  // Called from several threads, one request at a time.
  explicit ScriptServer(Handler handler, const TestIdentity* identity = nullptr);
  ScriptServer(const ScriptServer&) = delete;
  ScriptServer& operator=(const ScriptServer&) = delete;
  ~ScriptServer();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string url(const std::string& path = "") const {
    return (tls_ ? "https://" : "http://") + host() + path;
  }
  [[nodiscard]] std::vector<SeenRequest> seen() const;
  [[nodiscard]] std::size_t connections() const;

 private:
  struct Peer {
    int fd = -1;
    std::thread thread;
  };
  void accept_all();
  void serve(int fd);

  Handler handler_;
  std::shared_ptr<ssl_ctx_st> tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<SeenRequest> seen_;
  std::list<Peer> peers_;
  std::thread acceptor_;
};

}  // namespace nacre::images::registry::test
