#ifndef FLOTILLA_TESTS_SWARM_FLEET_TLS_SOCKET_H_
#define FLOTILLA_TESTS_SWARM_FLEET_TLS_SOCKET_H_

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "security/openssl_ptr.h"
#include "security/tls/tls_stream.h"
#include "tests/swarm/fleet/c_ptr.h"

namespace flotilla::swarm {

struct SocketAddress {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

// Blocking. INVALID_ARGUMENT: not "host:port"; UNAVAILABLE: no such host.
StatusOr<SocketAddress> ResolveAddress(const std::string& host_port);
// The part before the port, without brackets.
std::string HostPart(const std::string& host_port);

// Certificate and key of one device, parsed once.
struct TlsIdentity {
  security::X509Ptr certificate;
  security::EvpPkeyPtr key;
};
// `chain_pem`: leaf first; the rest is not sent. INVALID_ARGUMENT.
StatusOr<TlsIdentity> ParseTlsIdentity(const std::string& chain_pem, const std::string& key_pem);

// A context for clients that trust `ca_pem` alone and speak "h2", TLS 1.3.
StatusOr<SslCtxPtr> NewClientContext(const std::string& ca_pem);

struct DialOptions {
  SSL_CTX* context = nullptr;
  const SocketAddress* to = nullptr;
  std::string host;  // what the server's certificate has to name
  // Local address, host byte order; 0: the kernel's choice.
  std::uint32_t source_ipv4 = 0;
  const TlsIdentity* identity = nullptr;
  SSL_SESSION* resume = nullptr;
};

// A non-blocking TLS connection with an output buffer. One thread.
class TlsSocket {
 public:
  enum class Wants { kUnspecified = 0, kRead, kReadAndWrite };

  // Connecting has begun when this returns. UNAVAILABLE; RESOURCE_EXHAUSTED: no descriptor.
  static StatusOr<std::unique_ptr<TlsSocket>> Dial(const DialOptions& options);
  ~TlsSocket() = default;
  TlsSocket(const TlsSocket&) = delete;
  TlsSocket& operator=(const TlsSocket&) = delete;

  int fd() const { return stream_.fd(); }
  // Goes on with connecting, the handshake and writing what waits. UNAVAILABLE: the connection is
  // over.
  Status Drive();
  bool ready() const { return stream_.ready(); }
  bool resumed() const;
  // For DialOptions::resume of a later connection; null while the server has given no ticket.
  SslSessionPtr TakeSession();
  // Bytes into `buffer`; 0: none now. UNAVAILABLE: the peer is gone.
  StatusOr<std::size_t> Read(std::span<std::uint8_t> buffer) { return stream_.Read(buffer); }
  std::string& output() { return stream_.output(); }
  Wants wants() const;

 private:
  TlsSocket(UniqueFd fd, SslPtr ssl) : stream_(std::move(fd), ssl.release()) {}

  security::TlsStream stream_;
  bool connected_ = false;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_TLS_SOCKET_H_
