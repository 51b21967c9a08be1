#include "security/tls/tls_server.h"

#include <array>
#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "security/openssl_ptr.h"

namespace flotilla::security {
namespace {

constexpr std::string_view kSessionsOf = "flotilla";
// As gRPC's: forward secrecy and an authenticated cipher.
constexpr char kCiphers12[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::array<std::uint8_t, 3> kH2 = {2, 'h', '2'};  // ALPN's form: length, name

BioPtr Memory(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// The default would ask at the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) {
  return -1;
}

// Each certificate of a PEM text; false: `take` refused one, or one cannot be read.
template <typename Take>
bool ForEachCertificate(const std::string& pem, Take take) {
  const BioPtr text = Memory(pem);
  bool good = true;
  while (good) {
    X509Ptr certificate(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) {
      const unsigned long error = ERR_peek_last_error();
      if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
        return false;
      }
      break;
    }
    good = take(std::move(certificate));
  }
  if (good) {
    ERR_clear_error();  // of the end of the text
  }
  return good;
}

bool UseChain(SSL_CTX* context, const std::string& pem) {
  bool leaf = true;
  const bool good = ForEachCertificate(pem, [&](X509Ptr certificate) {
    return std::exchange(leaf, false) ? SSL_CTX_use_certificate(context, certificate.get()) == 1
                                      : SSL_CTX_add1_chain_cert(context, certificate.get()) == 1;
  });
  return good && !leaf;
}

bool UseKey(SSL_CTX* context, const std::string& pem) {
  const EvpPkeyPtr key(PEM_read_bio_PrivateKey(Memory(pem).get(), nullptr, &NoPassphrase, nullptr));
  return key != nullptr && SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
         SSL_CTX_check_private_key(context) == 1;
}

bool AskClients(SSL_CTX* context, const std::string& ca_pem) {
  bool any = false;
  const bool good = ForEachCertificate(ca_pem, [&](X509Ptr authority) {
    any = true;
    return X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) == 1 &&
           SSL_CTX_add_client_CA(context, authority.get()) == 1;
  });
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return good && any;
}

int ChooseH2(SSL* /*ssl*/, const unsigned char** out, unsigned char* size, const unsigned char* in,
             unsigned in_size, void* /*unused*/) {
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, size, kH2.data(), kH2.size(), in, in_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Who offers no protocol at all is not asked to choose one.
int RequireAlpn(SSL* ssl, int* alert, void* /*unused*/) {
  const unsigned char* offer = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &offer,
                                &size) == 1) {
    return SSL_CLIENT_HELLO_SUCCESS;
  }
  *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
  return SSL_CLIENT_HELLO_ERROR;
}

void SetBehaviour(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kCiphers12);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One system call for a record instead of two.
  SSL_CTX_set_read_ahead(context, 1);
  // Sessions are in the clients' tickets; one is enough, since each connection brings a new one.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_session_id_context(context, AsBytes(kSessionsOf).data(), kSessionsOf.size());
  SSL_CTX_set_alpn_select_cb(context, &ChooseH2, nullptr);
  SSL_CTX_set_client_hello_cb(context, &RequireAlpn, nullptr);
}

}  // namespace

void TlsServer::Free::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

TlsServer::~TlsServer() = default;

StatusOr<std::unique_ptr<TlsServer>> TlsServer::Create(const TlsServerOptions& options) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  std::unique_ptr<TlsServer> server(new TlsServer(context));
  if (context == nullptr) {
    return Internal(absl::StrCat("TLS: ", OpenSslErrors()));
  }
  SetBehaviour(context);
  if (!UseChain(context, options.certificate_chain_pem) ||
      !UseKey(context, options.private_key_pem)) {
    return InvalidArgument(absl::StrCat("the server's certificate or key: ", OpenSslErrors()));
  }
  if (!AskClients(context, options.client_ca_pem)) {
    return InvalidArgument(absl::StrCat("the authority of clients: ", OpenSslErrors()));
  }
  return server;
}

StatusOr<std::unique_ptr<TlsStream>> TlsServer::Accept(UniqueFd fd) const {
  SSL* const ssl = SSL_new(context_.get());
  if (ssl == nullptr) {
    return Internal(absl::StrCat("TLS: ", OpenSslErrors()));
  }
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsStream>(std::move(fd), ssl);
}

}  // namespace flotilla::security
