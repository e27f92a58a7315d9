#include "images/registry/connection.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <vector>

#include "base/text.h"

namespace nacre::images::registry {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

class TlsContext {
 public:
  asio::ssl::context context{asio::ssl::context::tls_client};
  bool verify = true;
};

namespace {

constexpr std::uint32_t kLargestHead = std::uint32_t{64} << 10U;
constexpr int kMostInterimAnswers = 8;

std::string describe(const error_code& code) {
  if (code == beast::error::timeout) return "no answer in time";
  if (code == asio::error::eof || code == http::error::end_of_stream ||
      code == http::error::partial_message || code == asio::ssl::error::stream_truncated)
    return "the connection was closed early";
  if (code == http::error::header_limit) return "the answer's head is larger than 64 KiB";
  if (code.category() == boost::system::system_category()) return errno_text(Errno{code.value()});
  return code.message();
}

bool is_tls_error(const error_code& code) {
  return code.category() == asio::error::get_ssl_category();
}

FailureKind kind_of(const error_code& code) {
  if (code == beast::error::timeout) return FailureKind::kTimeout;
  if (code == http::error::end_of_stream || code == http::error::partial_message)
    return FailureKind::kBroken;
  if (code.category() == make_error_code(http::error::bad_chunk).category())
    return FailureKind::kProtocol;
  return FailureKind::kBroken;
}

ErrorCode code_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::kCancelled:
      return ErrorCode::kCancelled;
    case FailureKind::kTls:
    case FailureKind::kTlsNotSpoken:
      return ErrorCode::kFailedPrecondition;
    case FailureKind::kRequest:
      return ErrorCode::kInvalidArgument;
    default:
      return ErrorCode::kUnavailable;
  }
}

Failure failure(FailureKind kind, std::string message) {
  return {kind, Error(code_of(kind), std::move(message))};
}
Failure cancelled(std::string_view where) {
  return failure(FailureKind::kCancelled, text::join(where, ": cancelled"));
}

// Runs one asynchronous operation of `stream` to its end.
class Loop {
 public:
  asio::io_context& context() { return context_; }

  template <class Start>
  error_code run(beast::tcp_stream& stream, Milliseconds timeout, const std::stop_token& stop,
                 Start&& start) {
    error_code result;
    context_.restart();
    stream.expires_after(timeout);
    start([&result](const error_code& code, const auto&...) { result = code; });
    {
      // Closing, not cancelling: an operation of several steps could be between two of them, where
      // there is nothing to cancel.
      const std::stop_callback on_stop(
          stop, [&] { asio::post(context_, [&stream] { stream.close(); }); });
      context_.run();
    }
    // A stop that came too late for this operation may have left its closing in the queue.
    context_.restart();
    context_.poll();
    stream.expires_never();
    return result;
  }

 private:
  asio::io_context context_{1};
};

Attempt<std::vector<tcp::endpoint>> resolve(Loop& loop, const Url& url) {
  error_code code;
  const auto address = asio::ip::make_address(url.host, code);
  if (!code) return std::vector<tcp::endpoint>{{address, url.port}};
  tcp::resolver resolver(loop.context());
  // getaddrinfo(3) has time limits of its own and cannot be interrupted.
  const auto found =
      resolver.resolve(url.host, std::to_string(url.port), tcp::resolver::numeric_service, code);
  if (code) {
    return std::unexpected(failure(
        FailureKind::kResolve, text::join("find the address of ", url.host, ": ", describe(code))));
  }
  std::vector<tcp::endpoint> out;
  for (const auto& entry : found) out.push_back(entry.endpoint());
  return out;
}

http::request<http::empty_body> to_message(const Request& request) {
  http::request<http::empty_body> out;
  out.version(11);
  out.method_string(request.method);
  out.target(request.url.target());
  out.set(http::field::host, request.url.authority());
  out.set(http::field::user_agent, "nacre/" NACRE_VERSION);
  for (const Header& header : request.headers.list()) out.insert(header.name, header.value);
  const bool has_length =
      request.body != nullptr || (request.method != "GET" && request.method != "HEAD");
  if (has_length) out.set(http::field::content_length, std::to_string(request.body_size));
  return out;
}

template <class Stream>
class BeastConnection final : public Connection {
 public:
  template <class... Args>
  BeastConnection(std::unique_ptr<Loop> loop, std::shared_ptr<TlsContext> tls, Args&&... args)
      : loop_(std::move(loop)),
        tls_(std::move(tls)),
        stream_(loop_->context(), std::forward<Args>(args)...) {}

  Stream& stream() { return stream_; }
  beast::tcp_stream& tcp_layer() { return beast::get_lowest_layer(stream_); }
  Loop& loop() { return *loop_; }

  [[nodiscard]] Attempt<Head> exchange(const Request& request,
                                       const std::stop_token& stop) override {
    parser_.reset();
    std::optional<Failure> unsent = send(request, stop);
    // A server may refuse a body that it has only seen the beginning of; what it says then is worth
    // more than "broken pipe".
    const bool refused = unsent && unsent->kind == FailureKind::kBroken && request.body != nullptr;
    if (unsent && !refused) return std::unexpected(*std::move(unsent));
    auto head = receive(request, stop);
    if (refused && !head) return std::unexpected(*std::move(unsent));
    broken_ = broken_ || refused;
    return head;
  }

  [[nodiscard]] Result<std::size_t> read_body(Buffer into, Milliseconds idle,
                                              const std::stop_token& stop) override {
    auto& body = parser_->get().body();
    body.data = into.data();
    body.size = into.size();
    body.more = true;
    while (!parser_->is_done() && body.size == into.size()) {
      error_code code = loop_->run(tcp_layer(), idle, stop, [&](auto handler) {
        http::async_read_some(stream_, buffer_, *parser_, std::move(handler));
      });
      if (code == http::error::need_buffer) code = {};
      if (!code) continue;
      broken_ = true;
      if (stop.stop_requested()) return fail(cancelled("read an answer").error);
      return fail(Error(ErrorCode::kUnavailable, "read an answer: " + describe(code)));
    }
    return into.size() - body.size;
  }

  [[nodiscard]] bool reusable() const override {
    return !broken_ && parser_ && parser_->is_done() && parser_->keep_alive() &&
           buffer_.size() == 0;
  }

 private:
  // What went wrong, if anything.
  std::optional<Failure> send(const Request& request, const std::stop_token& stop) {
    const auto message = to_message(request);
    const error_code code = loop_->run(tcp_layer(), request.timeouts.idle, stop, [&](auto handler) {
      http::async_write(stream_, message, std::move(handler));
    });
    if (code) return failed(request, code, stop);
    return request.body == nullptr ? std::nullopt : send_body(request, stop);
  }

  std::optional<Failure> send_body(const Request& request, const std::stop_token& stop) {
    std::vector<std::byte> chunk(std::min<std::uint64_t>(kChunk, request.body_size + 1));
    std::uint64_t left = request.body_size;
    while (left > 0) {
      const std::size_t wanted = std::min<std::uint64_t>(left, chunk.size());
      const auto got = request.body->read(Buffer(chunk).first(wanted));
      if (!got) return Failure{FailureKind::kBody, got.error()};
      if (*got == 0)
        return failure(FailureKind::kBody, text::join("the body ends ", left, " bytes too early"));
      const error_code code =
          loop_->run(tcp_layer(), request.timeouts.idle, stop, [&](auto handler) {
            asio::async_write(stream_, asio::buffer(chunk.data(), *got), std::move(handler));
          });
      if (code) return failed(request, code, stop);
      left -= *got;
    }
    return std::nullopt;
  }

  Attempt<Head> receive(const Request& request, const std::stop_token& stop) {
    for (int interim = 0; interim <= kMostInterimAnswers; ++interim) {
      parser_.emplace();
      parser_->header_limit(kLargestHead);
      parser_->body_limit(boost::none);  // the reader above counts
      if (request.method == "HEAD") parser_->skip(true);
      const error_code code =
          loop_->run(tcp_layer(), request.timeouts.response, stop, [&](auto handler) {
            http::async_read_header(stream_, buffer_, *parser_, std::move(handler));
          });
      if (code) return std::unexpected(failed(request, code, stop));
      // 103 Early Hints and the like come before the answer.
      if (parser_->get().result_int() >= 200) return take_head();
    }
    broken_ = true;
    return std::unexpected(
        failure(FailureKind::kProtocol, request.url.shown() + ": nothing but interim answers"));
  }

  Head take_head() const {
    Head out;
    out.status = parser_->get().result_int();
    for (const auto& field : parser_->get().base())
      out.headers.add(std::string(field.name_string()), std::string(field.value()));
    if (const auto length = parser_->content_length()) out.content_length = *length;
    return out;
  }

  Failure failed(const Request& request, const error_code& code, const std::stop_token& stop) {
    broken_ = true;
    const std::string where = text::join(request.method, " ", request.url.shown());
    if (stop.stop_requested()) return cancelled(where);
    return failure(kind_of(code), text::join(where, ": ", describe(code)));
  }

  std::unique_ptr<Loop> loop_;
  std::shared_ptr<TlsContext> tls_;
  Stream stream_;
  beast::flat_buffer buffer_{std::size_t{256} << 10U};
  std::optional<http::response_parser<http::buffer_body>> parser_;
  bool broken_ = false;
};

using PlainConnection = BeastConnection<beast::tcp_stream>;
using TlsConnection = BeastConnection<beast::ssl_stream<beast::tcp_stream>>;

template <class Any>
std::optional<Failure> open_tcp(Any& connection, const Url& url, const Timeouts& timeouts,
                                const std::stop_token& stop) {
  const auto addresses = resolve(connection.loop(), url);
  if (!addresses) return addresses.error();
  const std::string where = text::join("connect to ", url.origin());
  const error_code code = connection.loop().run(
      connection.tcp_layer(), timeouts.connect, stop,
      [&](auto handler) { connection.tcp_layer().async_connect(*addresses, std::move(handler)); });
  if (stop.stop_requested()) return cancelled(where);
  if (code == beast::error::timeout)
    return failure(FailureKind::kTimeout, where + ": no answer in time");
  if (code) return failure(FailureKind::kConnect, text::join(where, ": ", describe(code)));
  error_code ignored;  // only a matter of speed
  connection.tcp_layer().socket().set_option(tcp::no_delay(true), ignored);
  return std::nullopt;
}

// Which name the certificate must bear; also the one that is asked for (SNI), unless an address.
bool set_expected_name(SSL* ssl, const std::string& host, bool verify) {
  if (is_ip_address(host))
    return !verify || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  // SSL_set_tlsext_host_name is a macro with a cast of the old style.
  if (SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(host.c_str())) != 1)
    return false;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return !verify || SSL_set1_host(ssl, host.c_str()) == 1;
}

Failure tls_failure(const std::string& where, const error_code& code, SSL* ssl) {
  if (is_tls_error(code) &&
      ERR_GET_REASON(static_cast<unsigned long>(code.value())) == SSL_R_WRONG_VERSION_NUMBER)
    return failure(FailureKind::kTlsNotSpoken, where + ": the server does not speak TLS");
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) {
    return failure(FailureKind::kTls,
                   text::join(where, ": certificate: ", X509_verify_cert_error_string(verdict)));
  }
  if (code == beast::error::timeout)
    return failure(FailureKind::kTimeout, where + ": no answer in time");
  return failure(is_tls_error(code) ? FailureKind::kTls : FailureKind::kBroken,
                 text::join(where, ": ", describe(code)));
}

std::optional<Failure> shake_hands(TlsConnection& connection, const Url& url, bool verify,
                                   const Timeouts& timeouts, const std::stop_token& stop) {
  const std::string where = text::join("TLS with ", url.origin());
  SSL* ssl = connection.stream().native_handle();
  if (!set_expected_name(ssl, url.host, verify))
    return failure(FailureKind::kTls, where + ": cannot set the server's name");
  const error_code code =
      connection.loop().run(connection.tcp_layer(), timeouts.connect, stop, [&](auto handler) {
        connection.stream().async_handshake(asio::ssl::stream_base::client, std::move(handler));
      });
  if (stop.stop_requested()) return cancelled(where);
  if (code) return tls_failure(where, code, ssl);
  return std::nullopt;
}

Attempt<std::unique_ptr<Connection>> connect_plain(const Url& url, const Timeouts& timeouts,
                                                   const std::stop_token& stop) {
  auto out = std::make_unique<PlainConnection>(std::make_unique<Loop>(), nullptr);
  if (auto problem = open_tcp(*out, url, timeouts, stop))
    return std::unexpected(*std::move(problem));
  return out;
}

Attempt<std::unique_ptr<Connection>> connect_tls(const Url& url, std::shared_ptr<TlsContext> tls,
                                                 const Timeouts& timeouts,
                                                 const std::stop_token& stop) {
  auto& context = tls->context;
  const bool verify = tls->verify;
  auto out = std::make_unique<TlsConnection>(std::make_unique<Loop>(), std::move(tls), context);
  if (auto problem = open_tcp(*out, url, timeouts, stop))
    return std::unexpected(*std::move(problem));
  if (auto problem = shake_hands(*out, url, verify, timeouts, stop))
    return std::unexpected(*std::move(problem));
  return out;
}

std::optional<Failure> load_files(TlsContext& tls, const TlsSettings& settings) {
  error_code code;
  const auto problem = [&](const std::string& file) {
    return failure(FailureKind::kTls, text::join("load ", file, ": ", describe(code)));
  };
  for (const std::string& file : settings.ca_files)
    if (tls.context.load_verify_file(file, code)) return problem(file);
  for (const auto& [certificate, key] : settings.client_certs) {
    if (tls.context.use_certificate_chain_file(certificate, code)) return problem(certificate);
    if (tls.context.use_private_key_file(key, asio::ssl::context::pem, code)) return problem(key);
  }
  return std::nullopt;
}

}  // namespace

Attempt<std::shared_ptr<TlsContext>> make_tls_context(const TlsSettings& settings) {
  auto out = std::make_shared<TlsContext>();
  error_code code;
  out->context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, code);
  if (!code) out->context.set_default_verify_paths(code);
  if (code) return std::unexpected(failure(FailureKind::kTls, "set up TLS: " + describe(code)));
  if (auto problem = load_files(*out, settings)) return std::unexpected(*std::move(problem));
  out->verify = !settings.skip_verify;
  out->context.set_verify_mode(out->verify ? asio::ssl::verify_peer : asio::ssl::verify_none, code);
  if (code) return std::unexpected(failure(FailureKind::kTls, "set up TLS: " + describe(code)));
  return out;
}

Attempt<std::unique_ptr<Connection>> connect(const Url& url, std::shared_ptr<TlsContext> tls,
                                             const Timeouts& timeouts,
                                             const std::stop_token& stop) {
  if (tls == nullptr) return connect_plain(url, timeouts, stop);
  return connect_tls(url, std::move(tls), timeouts, stop);
}

}  // namespace nacre::images::registry
