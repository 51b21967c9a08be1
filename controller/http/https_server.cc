#include "controller/http/https_server.h"

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>

#include "controller/http/https_connection.h"
#include "controller/http/tcp_listen.h"

namespace flotilla::http {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

struct HttpsServer::Impl {
  asio::io_context context;
  asio::ssl::context tls{asio::ssl::context::tls_server};
  tcp::acceptor acceptor{context};
  std::shared_ptr<ConnectionScope> scope = std::make_shared<ConnectionScope>();
  std::vector<std::jthread> threads;

  void Accept() {
    acceptor.async_accept(asio::make_strand(context), [this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) {
        return;
      }
      if (!error) {
        socket.set_option(tcp::no_delay(true), error);
        ServeConnection(std::move(socket), tls, scope);
      }
      Accept();
    });
  }
};

namespace {

Status SetUpTls(asio::ssl::context& tls, const HttpsServerOptions& options) {
  error_code error;
  tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                      asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1,
                  error);
  tls.use_certificate_chain(asio::buffer(options.certificate_chain_pem), error);
  if (error) {
    return InvalidArgument("server certificate: " + error.message());
  }
  tls.use_private_key(asio::buffer(options.private_key_pem), asio::ssl::context::pem, error);
  if (error) {
    return InvalidArgument("server key: " + error.message());
  }
  tls.add_certificate_authority(asio::buffer(options.client_ca_pem), error);
  if (error) {
    return InvalidArgument("CA of client certificates: " + error.message());
  }
  int mode = asio::ssl::verify_peer;
  if (options.client_certificate == ClientCertificate::kRequired) {
    mode |= asio::ssl::verify_fail_if_no_peer_cert;
  }
  tls.set_verify_mode(mode, error);
  constexpr unsigned char kSessionContext[] = "flotilla-http";
  if (error || SSL_CTX_set_session_id_context(tls.native_handle(), kSessionContext,
                                              sizeof kSessionContext) != 1) {
    return Internal("TLS set-up failed");
  }
  return OkStatus();
}

}  // namespace

HttpsServer::HttpsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpsServer::~HttpsServer() {
  Stop();
}

StatusOr<std::unique_ptr<HttpsServer>> HttpsServer::Start(const HttpsServerOptions& options,
                                                          HttpsServerChecks checks, Router router,
                                                          EventHub& events) {
  auto impl = std::make_unique<Impl>();
  FLOTILLA_RETURN_IF_ERROR(SetUpTls(impl->tls, options));
  FLOTILLA_RETURN_IF_ERROR(Listen(impl->acceptor, options.address, options.port));
  impl->scope->checks = std::move(checks);
  impl->scope->router = std::move(router);
  impl->scope->events = &events;
  impl->Accept();
  for (unsigned i = 0; i < options.threads; ++i) {
    impl->threads.emplace_back([&context = impl->context] { context.run(); });
  }
  return std::unique_ptr<HttpsServer>(new HttpsServer(std::move(impl)));
}

std::uint16_t HttpsServer::port() const {
  error_code error;
  return impl_->acceptor.local_endpoint(error).port();
}

void HttpsServer::Stop() {
  impl_->context.stop();
  impl_->threads.clear();
}

}  // namespace flotilla::http
