// An OpenSSL client on a socket pair, and certificates for it.
#ifndef FLOTILLA_TESTS_UNIT_SECURITY_TLS_TLS_CLIENT_H_
#define FLOTILLA_TESTS_UNIT_SECURITY_TLS_TLS_CLIENT_H_

#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "base/unique_fd.h"
#include "security/openssl_ptr.h"
#include "security/tls/tls_server.h"
#include "security/x509/authority.h"

namespace flotilla::security {

using SslCtxPtr = std::unique_ptr<SSL_CTX, OpenSslDeleter<&SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpenSslDeleter<&SSL_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, OpenSslDeleter<&SSL_SESSION_free>>;

// Good for an hour.
struct TlsIdentityPem {
  std::string chain;
  std::string key;
};
CertificateAuthority NewAuthority();
TlsIdentityPem ServerIdentity(const CertificateAuthority& authority);
TlsIdentityPem DeviceIdentity(const CertificateAuthority& authority, const std::string& id);

struct TlsClientOptions {
  TlsIdentityPem identity;    // empty: no certificate
  std::string alpn = "\2h2";  // empty: no such extension
  int most_version = TLS1_3_VERSION;
  int least_version = TLS1_VERSION;
  SSL_SESSION* resume = nullptr;
};

// Its end of the pair is non-blocking. Trusts every server. One thread.
class TlsClient {
 public:
  TlsClient(UniqueFd fd, const TlsClientOptions& options);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // Goes on with the handshake: 1 done, 0 waits, -1 failed.
  int Drive();
  void Write(std::string_view text);
  // What has come; empty: nothing, or the end.
  std::string Read();
  SSL* ssl() const { return ssl_.get(); }
  void Close() { fd_.Reset(); }
  int fd() const { return fd_.get(); }
  // For TlsClientOptions::resume; null: no ticket came.
  SslSessionPtr TakeSession();

 private:
  UniqueFd fd_;
  SslCtxPtr context_;
  SslPtr ssl_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_TESTS_UNIT_SECURITY_TLS_TLS_CLIENT_H_
