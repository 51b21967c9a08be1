// What TLS adds to the rules: the server is the one that was meant, or there is no transfer.
#include <signal.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <array>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/os_clock.h"
#include "base/unique_fd.h"
#include "ota/fetch/curl_fetcher.h"
#include "security/openssl_ptr.h"
#include "security/x509/authority.h"
#include "security/x509/ec_key.h"
#include "tests/support/temp_dir.h"

namespace flotilla::ota {
namespace {

using SslContextPtr = std::unique_ptr<SSL_CTX, security::OpenSslDeleter<&SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, security::OpenSslDeleter<&SSL_free>>;

// Answers every request with the same bytes, over TLS, on a port of its own.
class TlsServer {
 public:
  TlsServer(const std::filesystem::path& chain, const std::filesystem::path& key,
            std::string answer)
      : answer_(std::move(answer)),
        context_(SSL_CTX_new(TLS_server_method())),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(1, SSL_CTX_use_certificate_chain_file(context_.get(), chain.c_str()));
    EXPECT_EQ(1, SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM));
    EXPECT_EQ(0, ::bind(listener_.get(), raw, size));
    EXPECT_EQ(0, ::listen(listener_.get(), 8));
    EXPECT_EQ(0, ::getsockname(listener_.get(), raw, &size));
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TlsServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_) + "/"; }

 private:
  void Serve() {
    // A client that turned away is no reason to die: OpenSSL writes without MSG_NOSIGNAL.
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    while (true) {
      const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client.valid()) {
        return;
      }
      const SslPtr ssl(SSL_new(context_.get()));
      SSL_set_fd(ssl.get(), client.get());
      std::array<char, 4096> head{};
      if (SSL_accept(ssl.get()) == 1 &&
          SSL_read(ssl.get(), head.data(), static_cast<int>(head.size())) > 0) {
        SSL_write(ssl.get(), answer_.data(), static_cast<int>(answer_.size()));
        SSL_shutdown(ssl.get());
      }
      security::OpenSslErrors();
    }
  }

  std::string answer_;
  SslContextPtr context_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string Ok() {
  return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
}

class CurlTls : public testing::Test {
 protected:
  // A server with a certificate of `ca_` for `host`.
  std::unique_ptr<TlsServer> Serve(const std::string& host, Time issued,
                                   const std::string& answer) {
    const auto key = security::EcKey::Generate().value();
    const auto certificate =
        ca_.IssueServer(key.MakeCsrDer().value(), {host}, issued, absl::Hours(24)).value();
    std::ofstream(dir_.path() / "chain.pem") << certificate.chain_pem;
    std::ofstream(dir_.path() / "key.pem") << key.ToPem().value();
    return std::make_unique<TlsServer>(dir_.path() / "chain.pem", dir_.path() / "key.pem", answer);
  }
  Status Ask(const TlsServer& server, const security::CertificateAuthority& trusted) {
    std::ofstream(dir_.path() / "ca.pem") << trusted.cert_pem();
    CurlFetcherOptions options;
    options.metadata_url = server.url();
    options.targets_url = server.url();
    options.ca_file = dir_.path() / "ca.pem";
    return CurlFetcher::Create(options).value()->Fetch("timestamp.json", 100).status();
  }

  const Time now_ = OsClock().Now();
  TempDir dir_;
  const security::CertificateAuthority ca_ =
      security::CertificateAuthority::Create("one", now_ - absl::Hours(24 * 30),
                                             absl::Hours(24 * 60))
          .value();
};

TEST_F(CurlTls, TakesTheServerThatTheAuthorityNames) {
  const auto server = Serve("127.0.0.1", now_, Ok());
  EXPECT_EQ(OkStatus(), Ask(*server, ca_));
}

TEST_F(CurlTls, RefusesAServerOfAnotherAuthority) {
  const auto server = Serve("127.0.0.1", now_, Ok());
  const auto other =
      security::CertificateAuthority::Create("two", now_, absl::Hours(24 * 60)).value();
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_TLS, ReasonNumber(Ask(*server, other)));
}

TEST_F(CurlTls, RefusesAServerOfAnotherName) {
  const auto server = Serve("elsewhere.example", now_, Ok());
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_TLS, ReasonNumber(Ask(*server, ca_)));
}

TEST_F(CurlTls, RefusesACertificateThatHasExpired) {
  const auto server = Serve("127.0.0.1", now_ - absl::Hours(48), Ok());
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_TLS, ReasonNumber(Ask(*server, ca_)));
}

TEST_F(CurlTls, FollowsNoRedirectToPlainHttp) {
  const auto server = Serve("127.0.0.1", now_,
                            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\n"
                            "Content-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_REDIRECT, ReasonNumber(Ask(*server, ca_)));
}

}  // namespace
}  // namespace flotilla::ota
