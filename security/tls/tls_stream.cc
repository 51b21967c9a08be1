#include "security/tls/tls_stream.h"

#include <sys/socket.h>

#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "security/openssl_ptr.h"

namespace flotilla::security {
namespace {

// OpenSSL's own writes with write(2), and a peer that is gone would end the process (SIGPIPE).
int SendQuietly(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(static_cast<int>(BIO_get_fd(bio, nullptr)), data,
                           static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent <= 0 && BIO_sock_should_retry(static_cast<int>(sent)) != 0) {
    BIO_set_retry_write(bio);
  }
  return static_cast<int>(sent);
}

using BioMethodPtr = std::unique_ptr<BIO_METHOD, OpenSslDeleter<&BIO_meth_free>>;

const BIO_METHOD* QuietSocket() {
  static const BioMethodPtr method = [] {
    const BIO_METHOD* const socket = BIO_s_socket();
    BIO_METHOD* const made = BIO_meth_new(BIO_TYPE_SOCKET, "socket without SIGPIPE");
    BIO_meth_set_read(made, BIO_meth_get_read(socket));
    BIO_meth_set_ctrl(made, BIO_meth_get_ctrl(socket));
    BIO_meth_set_create(made, BIO_meth_get_create(socket));
    BIO_meth_set_destroy(made, BIO_meth_get_destroy(socket));
    BIO_meth_set_write(made, &SendQuietly);
    return BioMethodPtr(made);
  }();
  return method.get();
}

}  // namespace

void TlsStream::Free::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

TlsStream::TlsStream(UniqueFd fd, ssl_st* ssl) : fd_(std::move(fd)), ssl_(ssl) {
  BIO* const socket = BIO_new(QuietSocket());
  BIO_set_fd(socket, fd_.get(), BIO_NOCLOSE);
  SSL_set_bio(ssl, socket, socket);
}

TlsStream::~TlsStream() {
  // A session whose connection was not shut down may not be resumed.
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  ::shutdown(fd_.get(), SHUT_RDWR);
}

Status TlsStream::Failed(int result, const char* step) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
    wants_write_ = error == SSL_ERROR_WANT_WRITE;
    return OkStatus();
  }
  const std::string text = OpenSslErrors();
  return Unavailable(
      absl::StrCat(step, ": ", text.empty() ? "the peer closed the connection" : text));
}

Status TlsStream::Drive() {
  if (!ready_) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done != 1) {
      return Failed(done, "handshake");
    }
    ready_ = true;
  }
  while (!output_.empty()) {
    ERR_clear_error();
    std::size_t written = 0;
    const int done = SSL_write_ex(ssl_.get(), output_.data(), output_.size(), &written);
    if (done != 1) {
      return Failed(done, "write");
    }
    output_.erase(0, written);
  }
  output_.shrink_to_fit();
  wants_write_ = false;
  return OkStatus();
}

StatusOr<std::size_t> TlsStream::Read(std::span<std::uint8_t> buffer) {
  ERR_clear_error();
  std::size_t got = 0;
  const int done = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got);
  if (done == 1) {
    return got;
  }
  const int error = SSL_get_error(ssl_.get(), done);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
    return 0;
  }
  const std::string text = OpenSslErrors();
  return Unavailable(text.empty() ? "the peer closed the connection" : text);
}

bool TlsStream::has_read_ahead() const {
  return SSL_has_pending(ssl_.get()) == 1;
}

std::string TlsStream::PeerCertificatePem() const {
  X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  const BioPtr text(BIO_new(BIO_s_mem()));
  if (certificate == nullptr || PEM_write_bio_X509(text.get(), certificate) != 1) {
    return "";
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace flotilla::security
