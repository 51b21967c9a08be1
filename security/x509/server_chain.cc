#include "security/x509/server_chain.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <utility>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/unique_fd.h"
#include "security/http_tunnel.h"
#include "security/openssl_ptr.h"

namespace flotilla::security {
namespace {

using SslCtxPtr = std::unique_ptr<SSL_CTX, OpenSslDeleter<&SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpenSslDeleter<&SSL_free>>;

struct AddrInfoFree {
  void operator()(addrinfo* info) const { freeaddrinfo(info); }
};

struct HostPort {
  std::string host;
  std::string port;
};

StatusOr<HostPort> Split(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
    return InvalidArgument("'" + address + "' is not host:port");
  }
  HostPort result{address.substr(0, colon), address.substr(colon + 1)};
  if (result.host.front() == '[' && result.host.back() == ']') {
    result.host = result.host.substr(1, result.host.size() - 2);
  }
  return result;
}

StatusOr<UniqueFd> ConnectTo(const HostPort& target, Duration timeout) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int error = ::getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &raw);
  const std::unique_ptr<addrinfo, AddrInfoFree> info(raw);
  if (error != 0) {
    return WithReason(Unavailable(target.host + ": " + gai_strerror(error)),
                      v1::FAILURE_REASON_FETCH_DNS);
  }
  const timeval wait = absl::ToTimeval(timeout);
  int failure = ECONNREFUSED;
  for (const addrinfo* entry = info.get(); entry != nullptr; entry = entry->ai_next) {
    UniqueFd fd(::socket(entry->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // On Linux the send timeout bounds connect as well.
    if (fd.valid() && ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
        ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
        ::connect(fd.get(), entry->ai_addr, entry->ai_addrlen) == 0) {
      return fd;
    }
    failure = errno;
  }
  return WithReason(Unavailable(target.host + ":" + target.port + ": " +
                                MessageOf(ErrnoStatus(failure, "connect"))),
                    v1::FAILURE_REASON_FETCH_CONNECT);
}

StatusOr<UniqueFd> ConnectThrough(const HttpProxy& proxy, const std::string& address,
                                  Duration timeout) {
  FLOTILLA_ASSIGN_OR_RETURN(const HostPort way, Split(proxy.address()));
  StatusOr<UniqueFd> fd = ConnectTo(way, timeout);
  if (!fd.ok()) {
    return proxy.Away(MessageOf(fd.status()));
  }
  FLOTILLA_RETURN_IF_ERROR(OpenTunnel(fd->get(), proxy, address));
  return fd;
}

bool IsAddress(const std::string& host) {
  in6_addr parsed{};
  return ::inet_pton(AF_INET, host.c_str(), &parsed) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

StatusOr<std::string> ChainPem(SSL* ssl) {
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl);
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (chain == nullptr || out == nullptr) {
    return WithReason(Unavailable("the server shows no certificate"), v1::FAILURE_REASON_FETCH_TLS);
  }
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    PEM_write_bio_X509(out.get(), sk_X509_value(chain, i));
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace

StatusOr<std::string> FetchServerChain(const std::string& address, Duration timeout,
                                       const HttpProxy* proxy) {
  FLOTILLA_ASSIGN_OR_RETURN(const HostPort target, Split(address));
  FLOTILLA_ASSIGN_OR_RETURN(const UniqueFd fd, proxy == nullptr
                                                   ? ConnectTo(target, timeout)
                                                   : ConnectThrough(*proxy, address, timeout));
  const SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  const SslPtr ssl(context == nullptr ? nullptr : SSL_new(context.get()));
  if (ssl == nullptr) {
    return Internal("TLS: " + OpenSslErrors());
  }
  SSL_set_verify(ssl.get(), SSL_VERIFY_NONE, nullptr);
  // gRPC servers end a handshake that does not ask for HTTP/2.
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl.get(), kHttp2, sizeof(kHttp2));
  if (!IsAddress(target.host)) {  // RFC 6066: a name alone; whoever forwards by it has to see it
    SSL_set_tlsext_host_name(ssl.get(), target.host.c_str());
  }
  if (SSL_set_fd(ssl.get(), fd.get()) != 1 || SSL_connect(ssl.get()) != 1) {
    return WithReason(Unavailable(address + ": TLS handshake failed: " + OpenSslErrors()),
                      v1::FAILURE_REASON_FETCH_TLS);
  }
  return ChainPem(ssl.get());
}

}  // namespace flotilla::security
