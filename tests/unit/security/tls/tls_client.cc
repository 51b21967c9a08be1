#include "tests/unit/security/tls/tls_client.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>

#include <gtest/gtest.h>

#include "base/os_clock.h"
#include "security/x509/ec_key.h"

namespace flotilla::security {
namespace {

BioPtr Memory(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

CertificateAuthority NewAuthority() {
  return CertificateAuthority::Create("Flotilla test", OsClock().Now(), kAuthorityLife).value();
}

TlsIdentityPem ServerIdentity(const CertificateAuthority& authority) {
  const EcKey key = EcKey::Generate().value();
  return {authority
              .IssueServer(key.MakeCsrDer().value(), {"localhost"}, OsClock().Now(), absl::Hours(1))
              ->chain_pem,
          key.ToPem().value()};
}

TlsIdentityPem DeviceIdentity(const CertificateAuthority& authority, const std::string& id) {
  const EcKey key = EcKey::Generate().value();
  return {authority
              .IssueDevice(key.MakeCsrDer().value(), DeviceId::Parse(id).value(), OsClock().Now(),
                           absl::Hours(1))
              ->chain_pem,
          key.ToPem().value()};
}

TlsClient::TlsClient(UniqueFd fd, const TlsClientOptions& options)
    : fd_(std::move(fd)), context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_set_security_level(context_.get(), 0);  // or it would refuse to offer old versions
  SSL_CTX_set_min_proto_version(context_.get(), options.least_version);
  SSL_CTX_set_max_proto_version(context_.get(), options.most_version);
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), fd_.get());
  SSL_set_connect_state(ssl_.get());
  if (!options.identity.chain.empty()) {
    const X509Ptr certificate(
        PEM_read_bio_X509(Memory(options.identity.chain).get(), nullptr, nullptr, nullptr));
    const EvpPkeyPtr key(
        PEM_read_bio_PrivateKey(Memory(options.identity.key).get(), nullptr, nullptr, nullptr));
    EXPECT_EQ(SSL_use_certificate(ssl_.get(), certificate.get()), 1);
    EXPECT_EQ(SSL_use_PrivateKey(ssl_.get(), key.get()), 1);
  }
  if (!options.alpn.empty()) {
    EXPECT_EQ(
        SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(options.alpn.data()),
                            static_cast<unsigned>(options.alpn.size())),
        0);
  }
  if (options.resume != nullptr) {
    EXPECT_EQ(SSL_set_session(ssl_.get(), options.resume), 1);
  }
}

TlsClient::~TlsClient() {
  // A session whose connection was not shut down may not be resumed.
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

int TlsClient::Drive() {
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) {
    return 1;
  }
  const int error = SSL_get_error(ssl_.get(), done);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

void TlsClient::Write(std::string_view text) {
  EXPECT_EQ(SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())),
            static_cast<int>(text.size()));
}

std::string TlsClient::Read() {
  ERR_clear_error();
  std::array<char, 20'000> buffer{};
  std::size_t got = 0;
  std::string all;
  while (SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got) == 1) {
    all.append(buffer.data(), got);
  }
  return all;
}

SslSessionPtr TlsClient::TakeSession() {
  SslSessionPtr session(SSL_get1_session(ssl_.get()));
  return session != nullptr && SSL_SESSION_is_resumable(session.get()) == 1 ? std::move(session)
                                                                            : nullptr;
}

}  // namespace flotilla::security
