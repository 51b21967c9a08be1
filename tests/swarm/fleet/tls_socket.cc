#include "tests/swarm/fleet/tls_socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "absl/strings/str_cat.h"

namespace flotilla::swarm {
namespace {

// ALPN's form: length, name.
constexpr std::array<std::uint8_t, 3> kAlpn = {2, 'h', '2'};

security::BioPtr Memory(const std::string& text) {
  return security::BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Status BindSource(int fd, std::uint32_t ipv4) {
  const int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(ipv4);
  return bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0
             ? OkStatus()
             : ErrnoStatus(errno, "bind");
}

StatusOr<SslPtr> NewSsl(const DialOptions& options) {
  SslPtr ssl(SSL_new(options.context));
  if (ssl == nullptr || SSL_use_certificate(ssl.get(), options.identity->certificate.get()) != 1 ||
      SSL_use_PrivateKey(ssl.get(), options.identity->key.get()) != 1 ||
      SSL_set1_host(ssl.get(), options.host.c_str()) != 1) {
    return Internal(absl::StrCat("TLS: ", security::OpenSslErrors()));
  }
  if (options.resume != nullptr) {
    SSL_set_session(ssl.get(), options.resume);
  }
  SSL_set_connect_state(ssl.get());
  return ssl;
}

}  // namespace

std::string HostPart(const std::string& host_port) {
  const std::string host = host_port.substr(0, host_port.rfind(':'));
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

StatusOr<SocketAddress> ResolveAddress(const std::string& host_port) {
  const std::size_t colon = host_port.rfind(':');
  if (colon == std::string::npos) {
    return InvalidArgument(absl::StrCat(host_port, " is not host:port"));
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed =
      getaddrinfo(HostPart(host_port).c_str(), host_port.substr(colon + 1).c_str(), &hints, &found);
  if (failed != 0 || found == nullptr) {
    return Unavailable(absl::StrCat(host_port, ": ", gai_strerror(failed)));
  }
  const addrinfo* chosen = found;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (one->ai_family == AF_INET) {
      chosen = one;  // source addresses are IPv4
      break;
    }
  }
  SocketAddress address;
  std::memcpy(&address.bytes, chosen->ai_addr, chosen->ai_addrlen);
  address.size = chosen->ai_addrlen;
  freeaddrinfo(found);
  return address;
}

StatusOr<TlsIdentity> ParseTlsIdentity(const std::string& chain_pem, const std::string& key_pem) {
  TlsIdentity identity;
  identity.certificate.reset(PEM_read_bio_X509(Memory(chain_pem).get(), nullptr, nullptr, nullptr));
  identity.key.reset(PEM_read_bio_PrivateKey(Memory(key_pem).get(), nullptr, nullptr, nullptr));
  if (identity.certificate == nullptr || identity.key == nullptr) {
    return InvalidArgument(absl::StrCat("an identity: ", security::OpenSslErrors()));
  }
  return identity;
}

StatusOr<SslCtxPtr> NewClientContext(const std::string& ca_pem) {
  SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  const security::BioPtr pem = Memory(ca_pem);
  X509_STORE* trusted = SSL_CTX_get_cert_store(context.get());
  while (true) {
    const security::X509Ptr ca(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
    if (ca == nullptr) {
      break;
    }
    X509_STORE_add_cert(trusted, ca.get());
  }
  ERR_clear_error();  // of the end of the text
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_set_alpn_protos(context.get(), kAlpn.data(), kAlpn.size()) != 0) {
    return Internal("TLS: ALPN");
  }
  return context;
}

StatusOr<std::unique_ptr<TlsSocket>> TlsSocket::Dial(const DialOptions& options) {
  UniqueFd fd(::socket(options.to->bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) {
    return ErrnoStatus(errno, "socket");
  }
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (options.source_ipv4 != 0) {
    FLOTILLA_RETURN_IF_ERROR(BindSource(fd.get(), options.source_ipv4));
  }
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&options.to->bytes), options.to->size) !=
          0 &&
      errno != EINPROGRESS) {
    return ErrnoStatus(errno, "connect");
  }
  FLOTILLA_ASSIGN_OR_RETURN(SslPtr ssl, NewSsl(options));
  return std::unique_ptr<TlsSocket>(new TlsSocket(std::move(fd), std::move(ssl)));
}

bool TlsSocket::resumed() const {
  return SSL_session_reused(stream_.ssl()) == 1;
}

Status TlsSocket::Drive() {
  if (!connected_) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      return ErrnoStatus(error, "connect");
    }
    connected_ = true;
  }
  return stream_.Drive();
}

SslSessionPtr TlsSocket::TakeSession() {
  SslSessionPtr session(ready() ? SSL_get1_session(stream_.ssl()) : nullptr);
  return session != nullptr && SSL_SESSION_is_resumable(session.get()) == 1 ? std::move(session)
                                                                            : nullptr;
}

TlsSocket::Wants TlsSocket::wants() const {
  return connected_ && !stream_.wants_write() ? Wants::kRead : Wants::kReadAndWrite;
}

}  // namespace flotilla::swarm
