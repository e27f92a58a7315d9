#include "tests/unit/images_registry/script_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace nacre::images::registry::test {
namespace {

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

// Bytes to and from a client, in plain or through TLS.
class Wire {
 public:
  Wire(int fd, ssl_ctx_st* context) : fd_(fd) {
    if (context == nullptr) return;
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), fd);
  }
  bool begin() { return !ssl_ || SSL_accept(ssl_.get()) == 1; }
  std::size_t read(char* into, std::size_t size) {
    const auto got = ssl_ ? SSL_read(ssl_.get(), into, static_cast<int>(size))
                          : static_cast<int>(::recv(fd_, into, size, 0));
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto put =
          ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
               : static_cast<int>(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
      if (put <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }
  void wait_for_the_client_to_leave() {
    char drop[4096];
    while (read(drop, sizeof drop) > 0) {
    }
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  int fd_;
  std::unique_ptr<SSL, Free> ssl_;
};

// Requests one after the other from what arrives.
class RequestReader {
 public:
  explicit RequestReader(Wire& wire) : wire_(wire) {}

  bool read_head(SeenRequest& out) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return false;
      if (is_tls()) {
        wire_.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        return false;
      }
    }
    parse(buffer_.substr(0, end), out);
    buffer_.erase(0, end + 4);
    return true;
  }
  bool read_body(SeenRequest& out, std::size_t most) {
    const std::string length = out.header("Content-Length");
    const std::size_t size = length.empty() ? 0 : std::stoul(length);
    const std::size_t wanted = std::min(size, most);
    while (buffer_.size() < wanted)
      if (!more()) break;
    const std::size_t got = std::min(wanted, buffer_.size());
    out.body = buffer_.substr(0, got);
    buffer_.erase(0, got);
    out.body_complete = got == size;
    return out.body_complete;
  }

 private:
  bool more() {
    char chunk[65536];
    const std::size_t got = wire_.read(chunk, sizeof chunk);
    buffer_.append(chunk, got);
    return got > 0;
  }
  // A client that takes this server for one that speaks TLS.
  bool is_tls() const { return buffer_.starts_with('\x16'); }
  static void parse(const std::string& head, SeenRequest& out) {
    std::size_t at = head.find("\r\n");
    const std::string line = head.substr(0, at);
    const std::size_t first = line.find(' ');
    const std::size_t second = line.rfind(' ');
    out.method = line.substr(0, first);
    const std::string target = line.substr(first + 1, second - first - 1);
    const std::size_t mark = target.find('?');
    out.path = target.substr(0, mark);
    out.query = mark == std::string::npos ? "" : target.substr(mark + 1);
    while (at != std::string::npos) {
      const std::size_t begin = at + 2;
      at = head.find("\r\n", begin);
      const std::string header = head.substr(begin, at == std::string::npos ? at : at - begin);
      const std::size_t colon = header.find(':');
      out.headers.emplace_back(header.substr(0, colon),
                               header.substr(header.find_first_not_of(' ', colon + 1)));
    }
  }

  Wire& wire_;
  std::string buffer_;
};

std::string head_of(const Reply& reply, bool close) {
  std::string out = "HTTP/1.1 " + std::to_string(reply.status) + " Status\r\n";
  bool has_length = false;
  for (const auto& [name, value] : reply.headers) {
    out += name + ": " + value + "\r\n";
    has_length = has_length || ::strcasecmp(name.c_str(), "Content-Length") == 0;
  }
  if (reply.chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (!has_length && !reply.no_length && reply.status != 204) {
    out += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  }
  if (close) out += "Connection: close\r\n";
  return out + "\r\n";
}

std::string as_chunks(const std::string& body) {
  std::string out;
  constexpr std::size_t kPiece = 1000;
  for (std::size_t at = 0; at < body.size(); at += kPiece) {
    const std::string piece = body.substr(at, kPiece);
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    out += size + piece + "\r\n";
  }
  return out;
}

// False when the connection is over.
bool send_reply(Wire& wire, const Reply& reply, bool head_only) {
  if (reply.silent) {
    wire.wait_for_the_client_to_leave();
    return false;
  }
  if (!reply.raw.empty()) {
    wire.write(reply.raw);
    return false;
  }
  if (!wire.write(head_of(reply, reply.no_length))) return false;
  if (head_only || reply.status == 204) return true;
  if (reply.endless) {
    const std::string piece = reply.chunked ? as_chunks(reply.body) : reply.body;
    while (wire.write(piece)) {
    }
    return false;
  }
  const std::size_t some = std::min({reply.body.size(), reply.cut_after.value_or(SIZE_MAX),
                                     reply.stall_after.value_or(SIZE_MAX)});
  const std::string part = reply.body.substr(0, some);
  if (!wire.write(reply.chunked ? as_chunks(part) : part)) return false;
  if (reply.stall_after) wire.wait_for_the_client_to_leave();
  if (reply.cut_after || reply.stall_after || reply.no_length) return false;
  return !reply.chunked || wire.write("0\r\n\r\n");
}

}  // namespace

std::string SeenRequest::header(const std::string& name) const {
  for (const auto& [key, value] : headers)
    if (::strcasecmp(key.c_str(), name.c_str()) == 0) return value;
  return {};
}
bool SeenRequest::has(const std::string& name) const {
  return std::ranges::any_of(
      headers, [&](const auto& one) { return ::strcasecmp(one.first.c_str(), name.c_str()) == 0; });
}

TestIdentity make_identity() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  check(X509_sign(certificate, key, EVP_sha256()) > 0, "sign a certificate");

  const auto text = [](auto&& write) {
    BIO* out = BIO_new(BIO_s_mem());
    write(out);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string pem(data, static_cast<std::size_t>(size));
    BIO_free(out);
    return pem;
  };
  TestIdentity identity;
  identity.certificate = text([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
  identity.key = text(
      [&](BIO* out) { PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
  X509_free(certificate);
  EVP_PKEY_free(key);
  return identity;
}

ScriptServer::ScriptServer(Handler handler, const TestIdentity* identity)
    : handler_(std::move(handler)) {
  if (identity != nullptr) {
    tls_.reset(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    BIO* certificate_text = BIO_new_mem_buf(identity->certificate.data(), -1);
    BIO* key_text = BIO_new_mem_buf(identity->key.data(), -1);
    X509* certificate = PEM_read_bio_X509(certificate_text, nullptr, nullptr, nullptr);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
    check(SSL_CTX_use_certificate(tls_.get(), certificate) == 1, "use a certificate");
    check(SSL_CTX_use_PrivateKey(tls_.get(), key) == 1, "use a key");
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(certificate_text);
    BIO_free(key_text);
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  check(::listen(listener_, 64) == 0, "listen");
  socklen_t size = sizeof address;
  check(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptServer::~ScriptServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const Peer& peer : peers_)
      if (peer.fd >= 0) ::shutdown(peer.fd, SHUT_RDWR);
  }
  for (Peer& peer : peers_) peer.thread.join();
}

void ScriptServer::accept_all() {
  while (!stopping_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    peers_.push_back({fd, std::thread([this, fd] { serve(fd); })});
  }
}

void ScriptServer::serve(int fd) {
  // OpenSSL writes without MSG_NOSIGNAL. In this thread only: a client that raised SIGPIPE would be
  // found out.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  Wire wire(fd, tls_.get());
  RequestReader reader(wire);
  for (bool open = wire.begin(); open;) {
    SeenRequest request;
    if (!reader.read_head(request)) break;
    // With this header a test asks for an answer before the body has been read.
    const std::size_t most = request.header("X-Test-Early") == "1" ? 0 : SIZE_MAX;
    const bool whole = reader.read_body(request, most);
    Reply reply;
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back(request);
      reply = handler_(request);
    }
    open = send_reply(wire, reply, request.method == "HEAD") && whole;
  }
  // Closed here and not at the end: what a client still sends must not vanish in a buffer.
  const std::lock_guard lock(mutex_);
  for (Peer& peer : peers_) {
    if (peer.fd == fd) peer.fd = -1;
  }
  ::close(fd);
}

std::vector<SeenRequest> ScriptServer::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}
std::size_t ScriptServer::connections() const {
  const std::lock_guard lock(mutex_);
  return peers_.size();
}

}  // namespace nacre::images::registry::test
